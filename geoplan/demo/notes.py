"""What the demonstration city assumes, in plain words for the pack's manifest."""

from __future__ import annotations

from geoplan import facts
from geoplan.demo.ground import Ground
from geoplan.demo.hosts import ALL_DAY_COST, HOUR_COST
from geoplan.vocabulary import label

__all__ = ["assumptions"]


def assumptions(ground: Ground, copies: int) -> tuple[str, ...]:
    """Return every assumption behind a generated city, in Chinese."""
    table = facts.figures()
    share = {key: f"{100 * value:.4g}%" for key, value in zip(table["key"], table["value"], strict=True)}
    assumed = ground.districts[ground.districts["population_status"] == "assumption"]
    split = "、".join(f"{name} {people:,}" for name, people in zip(assumed["name"], assumed["population"], strict=True))
    trade = facts.trade_shares()
    trades = "、".join(
        f"{label('trade', code)} {part:.0%}" for code, part in zip(trade["trade"], trade["share"], strict=True)
    )
    notes = [
        "演示数据，非真实站点：街道、服务点、劳动者和候选点均由带种子的规则生成，不对应任何真实设施。",
        "真实的只有：七个市（区）与镇（街道）的名称与代码、GeoNames 与地铁站点位；市（区）界线为示意，非真实界线。",
        "真实的还有已公布的人口和 2023 年末站点总数。",
        "湖泊、河道、高速公路为手绘示意，名称与大致走向真实，不可量测；小河浜、路名为生成。",
        f"户外劳动者 = 常住人口 × 1.1%（假设，依据云亭街道 8 万人中 900 余人）；按行业 {trades}（假设）。",
        "每个市（区）的劳动者数四舍五入到整数，各行业、各需求点用最大余数法和系统抽样分配，合计严格相等。",
        "各市（区）之内，人口和劳动者围绕镇中心、地铁站、老城和村庄按规则分布（假设）。",
        "服务点 889 个（2023 年末公布总数，按规模增减），点位为生成。",
        f"24 小时智能站 {share['share_smart24h']}（全国公布比例）。",
        f"共建共享 {share['share_partner_hosted']}（某市 284/292）。",
        f"微型站 {share['share_micro']}、流动站 {share['share_mobile']}、有卫生间 {share['share_toilet']}（假设）。",
        f"午间关闭 {share['share_noon_closed']}、仅工作日 {share['share_weekday_only']}（假设）。",
        f"暂停服务 {share['share_suspended']}（假设）。",
        "各市（区）站点疏密、候选点类型、建设费用（万元）、面积、核实日期均为假设。",
        f"每天多开一小时的费用 {HOUR_COST:g} 万元，按一年 365 小时、每小时 25 元人工计（假设）。",
        f"改为无人值守全天开放的费用 {ALL_DAY_COST:g} 万元，与新建 24 小时智能站的加价相同（假设）。",
        "重点区域：每个市（区）劳动者最密、合计占一半的地块，按规则划定，非官方范围（假设）。",
        "坐标为 WGS-84；街道长度按椭球计算。",
    ]
    if split:
        notes.insert(4, f"未取得分区人口的市（区）按镇（街道）个数分摊全市余数，为演示假设而非普查数：{split}。")
    if copies > 1:
        notes.append(f"规模测试：{copies} 座同轮廓城市并列，第 2 座起不在真实位置，区划代码带序号后缀。")
    return tuple(notes)

"""The words people use in the headers of registers, demand tables and boundary files, in Chinese and English.

Each canonical field lists its wordings, separated by spaces, from the surest to the least sure. A wording is compared
after :func:`geoplan.sources.columns.normal_header`: width folded, lower case, no spaces, no punctuation.
"""

from __future__ import annotations

from typing import Final, Literal

__all__ = ["CRS_WORDS", "KINDS", "LAT_WORDS", "LON_WORDS", "PAIR_WORDS", "WORDINGS", "Kind"]

Kind = Literal["stations", "demand", "candidates", "districts"]
KINDS: Final[tuple[Kind, ...]] = ("stations", "demand", "candidates", "districts")

LON_WORDS: Final = (
    "经度 lon lng long longitude 经 x坐标 坐标x 东经 x pointx coordx 经度值 横坐标 jd jingdu 站点经度 驿站经度 "
    "地理经度 位置经度 xcoord lontitude longtitude"
)
LAT_WORDS: Final = (
    "纬度 lat latitude 纬 y坐标 坐标y 北纬 y pointy coordy 纬度值 纵坐标 wd weidu 站点纬度 驿站纬度 地理纬度 "
    "位置纬度 ycoord latitute 维度"
)
PAIR_WORDS: Final = (
    "经纬度 坐标 位置坐标 地理坐标 坐标位置 经纬度坐标 lnglat latlng lonlat latlon location coordinates "
    "coordinate coords coord position gps gps坐标 gps位置 定位 定位坐标 地图坐标 坐标点 点位坐标 站点坐标 "
    "驿站坐标 经纬 xy xy坐标 wkt geom geometry point latlong longlat 纬经度 坐标经纬度 经度纬度 经度纬度坐标 "
    "纬度经度"
)

# Words in a header, a file name or a cell that declare a coordinate system.
CRS_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "gcj02": ("gcj02", "gcj", "火星", "高德", "腾讯", "amap", "tencent", "微信", "国测局", "autonavi", "gaode"),
    "bd09": ("bd09", "bd09ll", "百度", "baidu"),
    "cgcs2000": ("cgcs2000", "国家2000", "大地2000", "天地图", "epsg4490", "2000坐标", "tianditu"),
    "wgs84": ("wgs84", "wgs", "84坐标", "gps", "epsg4326"),
}

STATIONS: Final[dict[str, str]] = {
    "station_code": (
        "stationcode 站点编号 站点编码 站点代码 驿站编号 驿站编码 服务站编号 编号 编码 统一编码 stationid 站点id "
        "驿站id code stationno 唯一编码 代码 id"
    ),
    "name": (
        "站点名称 驿站名称 服务站名称 站名称 服务站点名称 爱心驿站名称 阵地名称 网点名称 点位名称 场所名称 "
        "户外劳动者服务站点名称 名称 站点名 驿站名 站名 点位名 站点 驿站 name stationname sitename nametitle "
        "title 标识名称 挂牌名称 服务站点全称 站点全称 全称 namezh 中文名称 stationtitle 户外劳动者服务站点 "
        "工会驿站 facilityname placename"
    ),
    "brand": "brand 品牌 品牌名称 驿站品牌 类别名称 服务品牌",
    "station_kind": "stationkind 站点种类 阵地类型 网络类型 服务网络 项目类型",
    "station_class": (
        "stationclass 站点类型 驿站类型 站点类别 驿站类别 站点规模 类型 类别 型号 规格 等级类型 class type "
        "stationtype 站点形态 建站类型"
    ),
    "build_mode": "buildmode 建设方式 建设模式 建站方式 共建方式 建设性质 建设类型 自建共建共享 buildtype 建站模式",
    "host_type": "hosttype 依托类型 依托场所类型 单位类型 场所类型 共建单位类型 依托单位类型 行业 所属行业 行业类型",
    "host_name": (
        "hostname 依托单位 共建单位 建设单位 承建单位 设立单位 依托场所 场地单位 产权单位 运营单位 host operator "
        "运营主体 单位名称 所在单位 建站单位 合作单位 管理单位 所属单位"
    ),
    "union_unit": (
        "unionunit 所属工会 主管工会 工会组织 归口工会 责任工会 所属工会组织 上级工会 区县工会 union 所属总工会 "
        "推荐单位 申报单位 责任单位 填报单位 上报单位 主管单位 工会"
    ),
    "district_code": "districtcode adcode 区划代码 行政区划代码 区县代码 区域代码 行政区代码 areacode districtadcode",
    "district": (
        "district 所属区 所在区 区县 所属区县 所在区县 县区 县市区 市县区 市区 市县 区县市 市区县 行政区 "
        "所属行政区 行政区域 所属区域 所在区域 区域 地区 所属地区 辖区 板块 所属板块 county region 市区名称 "
        "区 区县名称 所属市区 所在市区 所在地区 所属辖区 districtname 市县区名称 归属区域 所属县区 县区名称 "
        "区市县"
    ),
    "town_code": "towncode 街道代码 乡镇代码 镇街代码 streetcode",
    "town": (
        "town 街道 乡镇 镇街 街镇 街道乡镇 乡镇街道 镇街道 所属街道 所在街道 所属乡镇 所在镇街 所属镇街 街道镇 "
        "subdistrict township 镇 街道名称 乡镇名称 镇街道园区 街道园区 镇街园区 镇板块 townname 镇街道开发区 "
        "园区 所属街镇 所在街镇 所属街道乡镇 所属乡镇街道 所在乡镇街道"
    ),
    "address": (
        "address 详细地址 站点地址 驿站地址 具体地址 地址 所在地址 位置 详细位置 具体位置 站点位置 驿站位置 地点 "
        "地理位置 所在位置 addr fulladdress 坐落 坐落位置 所在地 所在地点 建站地址 通讯地址 联系地址 "
        "streetaddress location 定位 服务站地址 门牌地址 addresszh 建设地点 设置地点 服务地点 具体地点"
    ),
    "source_crs": "sourcecrs 原坐标系",  # where a position came from, as this project writes it; not what it is in
    "coordinate_system": "crs 坐标系 坐标系统 坐标类型 坐标来源 coordsys coordinatesystem 坐标参考系 坐标标准",
    "located_by": "locatedby 定位方式 采集方式 坐标采集方式 定位来源",
    "verified_on": "verifiedon 核实日期 核验日期 核查日期 核实时间 核验时间 核查时间 最近核实 verified lastverified",
    "entrance_note": "entrancenote 入口说明 入口 进入方式说明 入口位置 指引 到达指引 路线指引 位置说明 entrance",
    "street_facing": "streetfacing 是否临街 临街 沿街 是否沿街",
    "area_m2": (
        "aream2 使用面积 面积 建筑面积 站点面积 驿站面积 场地面积 服务面积 面积平方米 面积㎡ 面积m2 室内面积 "
        "sizem2 实际面积 可用面积 用房面积 floorarea area areasqm sqm"
    ),
    "opening_hours": (
        "openinghours 开放时间 营业时间 服务时间 开放时段 服务时段 开门时间 openhours hours businesshours "
        "对外开放时间 工作时间 opentime 运营时间 每日开放时间 站点开放时间 驿站开放时间 开放时间段 时间 "
        "servicehours openingtime"
    ),
    "access": "access 进入方式 准入方式 开门方式 门禁方式 门禁 使用方式 进站方式 入站方式",
    "facilities": (
        "facilities 服务设施 设施 设施设备 配套设施 基础设施 设备 硬件设施 服务设备 主要设施 基本设施 设备设施 "
        "配备设施 设施配备 配置设施 设施清单 amenities equipment facility 物品配置 硬件配置 设备清单"
    ),
    "services": (
        "services 服务内容 服务项目 服务功能 提供服务 功能 主要功能 可提供服务 服务 service 提供的服务 特色服务 "
        "站点功能 服务事项 服务清单"
    ),
    "worker_groups": "workergroups 服务对象 服务群体 服务人群 覆盖群体 主要服务对象 面向群体",
    "honours": "honours honors 荣誉 所获荣誉 获得荣誉 荣誉称号 表彰 最美站点 获奖情况 荣誉情况",
    "photo": "photo 照片 图片 站点照片 实景照片 image pic photourl 图片链接",
    "public_phone": (
        "publicphone 服务电话 公开电话 对外电话 站点电话 驿站电话 咨询电话 服务热线 公开联系电话 publictel "
        "固定电话 座机 客服电话"
    ),
    "contact_person": (
        "contactperson 联系人 负责人 站点负责人 驿站负责人 管理员 站长 联络人 联系人姓名 负责人姓名 管理人员 "
        "contact 责任人 联系人员 驿站管理员 站点管理员 manager 姓名 站点联系人 具体负责人 日常管理人 contactname"
    ),
    "contact_phone": (
        "contactphone 联系电话 负责人电话 联系方式 联系人电话 手机 手机号 手机号码 电话 电话号码 联系手机 "
        "移动电话 tel phone mobile telephone 联系人手机 管理员电话 站长电话 责任人电话 负责人联系方式 负责人手机 "
        "联系号码 联系人联系方式 负责人联系电话 联系人联系电话 联系人及电话 联系人及联系方式 联系人及联系电话 "
        "phonenumber"
    ),
    "status": (
        "status 状态 站点状态 运营状态 运行状态 开放状态 使用状态 是否开放 是否运营 驿站状态 运行情况 "
        "是否正常开放 是否启用 营业状态"
    ),
    "opened_on": (
        "openedon 建成时间 启用时间 建站时间 投用时间 建成日期 启用日期 设立时间 成立时间 投入使用时间 建设时间 "
        "opened openingdate 建成年份 挂牌时间 建站日期 投用日期 创建时间 建立时间"
    ),
    "last_inspected_on": "lastinspectedon 巡检日期 最近巡检 检查日期 最近检查日期 上次巡检",
    "origin": "origin 数据来源 来源 source sourceurl 数据出处",
    "note": "note 备注 说明 remark remarks notes 其他 备注说明 comment",
    "serial": "序号 no serial 行号 num xuhao number",
}

DEMAND: Final[dict[str, str]] = {
    "demand_id": "demandid id 编号 网格编号 网格id cellid gridid 单元编号 需求点编号 h3 h3index hexid 格网编号 code",
    "name": "name 名称 网格名称 需求点名称 社区 小区 商圈",
    "district_code": STATIONS["district_code"],
    "district": STATIONS["district"],
    "town_code": STATIONS["town_code"],
    "town": STATIONS["town"],
    "workers": (
        "workers 户外劳动者 户外劳动者人数 劳动者人数 人数 户外劳动者数量 合计 总人数 总数 需求量 需求 demand "
        "weight count 数量 劳动者数量 户外劳动者数 total"
    ),
    "residents": "residents population 人口 pop 常住人口 常住人口数 居民 居民数 people",  # never taken for workers
    "workers_food_rider": (
        "workersfoodrider 外卖骑手 骑手 外卖员 外卖 外卖配送员 送餐员 foodrider riders 外卖小哥 网约配送员"
    ),
    "workers_courier": "workerscourier 快递员 快递 快递小哥 couriers courier 快递配送员",
    "workers_ride_hail": "workersridehail 网约车司机 网约车 出租车司机 司机 ridehail drivers 网约车驾驶员 货车司机",
    "workers_sanitation": "workerssanitation 环卫工人 环卫工 环卫 保洁员 sanitation cleaners 环卫人员",
    "workers_traffic_police": "workerstrafficpolice 交警 辅警 交通协管员 trafficpolice",
    "workers_construction": "workersconstruction 建筑工人 建筑工 农民工 construction",
    "workers_other": "workersother 其他劳动者 其他 others other",
    "origin": STATIONS["origin"],
    "serial": STATIONS["serial"],
}

CANDIDATES: Final[dict[str, str]] = {
    "candidate_id": "candidateid 候选编号 候选点编号 候选站点编号 备选点编号 编号 编码 id code",
    "name": "候选点名称 候选站点名称 备选点名称 场所名称 " + STATIONS["name"],
    "host_type": STATIONS["host_type"],
    "host_name": STATIONS["host_name"],
    "union_unit": STATIONS["union_unit"],
    "district_code": STATIONS["district_code"],
    "district": STATIONS["district"],
    "town_code": STATIONS["town_code"],
    "town": STATIONS["town"],
    "address": STATIONS["address"],
    "station_class": "拟建类型 拟建站点类型 " + STATIONS["station_class"],
    "cost": "cost 造价 预算 费用 建设费用 建设成本 成本 投资 金额 costyuan 预算金额 投资额 经费 预计费用",
    "capacity": "capacity 容量 服务能力 接待能力 可服务人数 服务容量 设计容量 接待人数 日服务人数 日服务能力 容纳人数",
    "area_m2": STATIONS["area_m2"],
    "source_crs": STATIONS["source_crs"],
    "coordinate_system": STATIONS["coordinate_system"],
    "contact_person": STATIONS["contact_person"],
    "contact_phone": STATIONS["contact_phone"],
    "origin": STATIONS["origin"],
    "note": STATIONS["note"],
    "serial": STATIONS["serial"],
}

DISTRICTS: Final[dict[str, str]] = {
    "district_code": (
        "districtcode adcode 区划代码 行政区划代码 区县代码 代码 code adminadcode dtadcode pac gb ctadcode "
        "行政代码 县级码 xzqdm id areacode"
    ),
    "name": "name 名称 区县名称 区县 dtname district namezh 行政区名称 xzqmc 区名 namelocal fullname districtname",
    "name_en": "nameen englishname 英文名 英文名称 enname nameeng",
    "level": "level 级别 行政级别",
}

WORDINGS: Final[dict[str, dict[str, str]]] = {
    "stations": STATIONS,
    "demand": DEMAND,
    "candidates": CANDIDATES,
    "districts": DISTRICTS,
}

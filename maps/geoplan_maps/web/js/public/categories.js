/** What people type when they mean a kind of place, not a name: 厕所, 热饭, toilet, cesuo. */

import { term } from "../lib/i18n.js";

/** Filter codes with the words that ask for them, in either language and in pinyin. */
const CATEGORIES = /** @type {[string, string[]][]} */ ([
  ["toilet", ["厕所", "卫生间", "洗手间", "公厕", "toilet", "wc", "restroom", "bathroom", "cesuo", "weishengjian"]],
  ["microwave", ["热饭", "微波炉", "加热", "吃饭", "microwave", "heat food", "hot meal", "refan", "weibolu"]],
  ["charging", ["充电", "手机充电", "插座", "charging", "charge", "charger", "chongdian"]],
  ["water", ["喝水", "饮水", "热水", "开水", "water", "drink", "heshui", "yinshui", "reshui"]],
  ["battery_swap", ["换电", "电池", "battery", "battery swap", "huandian"]],
  ["seats", ["歇脚", "休息", "座位", "桌椅", "seats", "rest", "xiejiao", "xiuxi"]],
  ["air_conditioning", ["空调", "纳凉", "乘凉", "air conditioning", "cooling", "kongtiao", "naliang"]],
  ["shower", ["洗澡", "淋浴", "shower", "linyu", "xizao"]],
  ["aed", ["AED", "除颤", "aed"]],
  ["first_aid", ["药箱", "急救", "创可贴", "first aid", "medicine", "yaoxiang"]],
  ["nursing_room", ["母婴室", "哺乳", "nursing", "muying"]],
  ["wifi", ["wifi", "无线", "上网"]],
  ["h24", ["24小时", "24 小时", "通宵", "夜间", "24h", "all night", "tongxiao"]],
  ["open", ["开门", "现在开门", "营业", "open", "open now", "kaimen"]],
]);

/**
 * @param {string} query
 * @returns {{code: string, name: string}[]} filters that the words ask for
 */
export function categories(query) {
  const wanted = query.trim().toLowerCase();
  const latin = /^[\x20-\x7e]+$/.test(wanted);
  if (wanted.length < (latin ? 2 : 1)) return [];
  return CATEGORIES.filter(([, words]) =>
    words.some((word) => word.toLowerCase() === wanted || (wanted.length >= 2 && word.toLowerCase().startsWith(wanted))),
  ).map(([code]) => ({ code, name: code === "open" || code === "h24" ? term("chip", code) : term("facility", code) }));
}

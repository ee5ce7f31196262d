const { choose, merged, near, openAt, parts } = require("../../utils/feed.js");

const PATH = "/v1/feed/miniprogram";
const CHIPS = ["open", "toilet", "microwave", "charging", "h24", "water"]; // their words come with the feed

/** @returns {Promise<any>} */
function ask(options) {
  return new Promise((resolve, reject) => {
    wx.request({
      timeout: 10000,
      ...options,
      url: getApp().globalData.service + options.url,
      success: (answer) => (answer.statusCode < 400 ? resolve(answer.data) : reject(new Error("服务暂时连不上，请稍后再试"))),
      fail: () => reject(new Error("没有网络，显示上次的数据")),
    });
  });
}

Page({
  data: {
    chips: [],
    latitude: 31.575,
    longitude: 120.302,
    list: [],
    chosen: null,
    polyline: [],
    trouble: "",
    demonstration: false,
    from: "地图中心",
  },
  /** @type {any} the last answer of the feed, changes put over it */
  feed: null,
  /** @type {{latitude: number, longitude: number} | null} */
  origin: null,
  /** @type {WechatMiniprogram.MapContext} */
  map: null,

  onReady() {
    const map = (this.map = wx.createMapContext("map"));
    map.initMarkerCluster({ enableDefaultStyle: true, zoomOnClick: true, gridSize: 60 });
    this.feed = wx.getStorageSync("feed") || null;
    if (this.feed) this.draw();
    this.refresh();
  },
  onPullDownRefresh() {
    this.refresh().then(() => wx.stopPullDownRefresh());
  },

  async refresh() {
    try {
      const since = this.feed ? { since: this.feed.version } : {};
      this.feed = merged(this.feed, await ask({ url: PATH, data: since }));
      wx.setStorage({ key: "feed", data: this.feed });
      this.setData({ trouble: "" });
    } catch (error) {
      this.setData({ trouble: error.message });
    }
    this.draw();
  },

  filters() {
    const on = this.data.chips.filter((chip) => chip.on).map((chip) => chip.code);
    return { open: on.includes("open"), h24: on.includes("h24"), facilities: on.filter((code) => code !== "open" && code !== "h24") };
  },

  draw() {
    if (!this.feed) return;
    if (!this.data.chips.length && this.feed.words)
      this.setData({ chips: CHIPS.map((code) => ({ code, name: this.feed.words.chip[code], on: false })) });
    // open and closed follow the clock: they are worked out here, from the days that the feed carries
    const found = choose(openAt(this.feed, new Date()), this.feed.facilities, this.filters());
    const ids = new Set(found.map((one) => one.id));
    const origin = this.origin || { latitude: this.data.latitude, longitude: this.data.longitude };
    this.setData({ list: near(found, origin).slice(0, 30), demonstration: this.feed.demonstration });
    const markers = this.feed.markers.filter((marker) => ids.has(marker.id));
    parts(markers, 300).forEach((markersPart, i) => this.map.addMarkers({ markers: markersPart, clear: i === 0 }));
  },

  toggle(event) {
    const { code } = event.currentTarget.dataset;
    this.setData({ chips: this.data.chips.map((chip) => (chip.code === code ? { ...chip, on: !chip.on } : chip)) });
    this.draw();
  },

  locate() {
    wx.getFuzzyLocation({
      type: "gcj02",
      success: ({ latitude, longitude }) => {
        this.origin = { latitude: Number(latitude.toFixed(3)), longitude: Number(longitude.toFixed(3)) };
        this.setData({ ...this.origin, from: "我的位置" });
        this.draw();
        this.answer();
      },
      fail: () => this.setData({ trouble: "没有得到位置权限，可以拖动地图，以地图中心为起点" }),
    });
  },

  moved(event) {
    if (event.type !== "end" || event.causedBy === "update" || this.origin) return;
    this.map.getCenterLocation({
      success: ({ latitude, longitude }) => {
        this.data.latitude = latitude; // kept without setData, which would move the map again
        this.data.longitude = longitude;
        this.draw();
      },
    });
  },

  /** The nearest open station on foot, with its way. */
  async answer() {
    const { facilities, h24 } = this.filters();
    try {
      const data = { ...this.origin, k: 3, facilities: facilities.join(","), ...(h24 ? { h24: true } : {}) };
      const { stations } = await ask({ url: `${PATH}/nearest`, data });
      if (stations.length) this.setData({ chosen: stations[0], polyline: stations[0].polyline || [] });
      else this.setData({ trouble: "附近现在没有开门的站点" });
    } catch (error) {
      this.setData({ trouble: error.message });
    }
  },

  pick(event) {
    const id = Number(event.detail && event.detail.markerId !== undefined ? event.detail.markerId : event.currentTarget.dataset.id);
    const chosen = this.feed.stations.find((one) => one.id === id);
    if (chosen) this.setData({ chosen, polyline: chosen.polyline || [] });
  },
  close() {
    this.setData({ chosen: null, polyline: [] });
  },
  navigate() {
    const { latitude, longitude, name, address } = this.data.chosen;
    wx.openLocation({ latitude, longitude, name, address: address || "", scale: 17 }); // takes GCJ-02, as the feed gives it
  },

  report() {
    const kinds = ["closed", "wrong_place", "broken"];
    wx.showActionSheet({
      itemList: kinds.map((kind) => this.feed.words.report_kind[kind]),
      success: async ({ tapIndex }) => {
        try {
          await ask({
            url: "/v1/reports",
            method: "POST",
            header: { "Content-Type": "application/x-www-form-urlencoded" },
            data: { kind: kinds[tapIndex], station_code: this.data.chosen.code },
          });
          wx.showToast({ title: "谢谢，已经收到" });
        } catch (error) {
          wx.showToast({ title: error.message, icon: "none" });
        }
      },
    });
  },
});

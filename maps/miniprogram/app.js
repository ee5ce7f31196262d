// 服务地址：换成本单位已备案并在小程序后台登记的 HTTPS 域名。
App({ globalData: { service: "https://stations.example.org" } });

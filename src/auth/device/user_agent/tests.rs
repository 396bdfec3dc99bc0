use proptest::prelude::*;

use crate::auth::device::user_agent::{DeviceKind::*, *};

const KIT: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";

#[test]
fn user_agents_of_today_are_read() {
    let table = [
        // Desktops.
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) KIT Chrome/131.0.0.0 Safari/537.36", "Chrome", "Windows", Desktop),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
            "Firefox",
            "Windows",
            Desktop,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) KIT Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            "Edge",
            "Windows",
            Desktop,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) KIT Chrome/131.0.0.0 Safari/537.36 OPR/116.0.0.0",
            "Opera",
            "Windows",
            Desktop,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) KIT Chrome/131.0.0.0 Safari/537.36 Vivaldi/7.0.3495.18",
            "Vivaldi",
            "Windows",
            Desktop,
        ),
        (
            "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
            "Internet Explorer",
            "Windows",
            Desktop,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            "Safari",
            "macOS",
            Desktop,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) KIT Chrome/131.0.0.0 Safari/537.36",
            "Chrome",
            "macOS",
            Desktop,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
            "Firefox",
            "macOS",
            Desktop,
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox", "Linux", Desktop),
        ("Mozilla/5.0 (X11; Linux x86_64) KIT Chrome/131.0.0.0 Safari/537.36", "Chrome", "Linux", Desktop),
        ("Mozilla/5.0 (X11; Linux x86_64) KIT HeadlessChrome/131.0.0.0 Safari/537.36", "Chrome", "Linux", Desktop),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) KIT Chrome/131.0.0.0 Safari/537.36", "Chrome", "ChromeOS", Desktop),
        // Phones.
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari",
            "iOS",
            Mobile,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
            "Chrome",
            "iOS",
            Mobile,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/133.0 Mobile/15E148 Safari/605.1.15",
            "Firefox",
            "iOS",
            Mobile,
        ),
        ("Mozilla/5.0 (Linux; Android 10; K) KIT Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome", "Android", Mobile),
        ("Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox", "Android", Mobile),
        (
            "Mozilla/5.0 (Linux; Android 10; K) KIT SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
            "Samsung Internet",
            "Android",
            Mobile,
        ),
        // Tablets.
        (
            "Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
            "Safari",
            "iPadOS",
            Tablet,
        ),
        ("Mozilla/5.0 (Linux; Android 13; SM-X906C) KIT Chrome/131.0.0.0 Safari/537.36", "Chrome", "Android", Tablet),
        ("Mozilla/5.0 (Android 14; Tablet; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox", "Android", Tablet),
    ];
    for (agent, browser, os, kind) in table {
        let agent = agent.replace("KIT", KIT);
        let expected = Device { browser: Some(browser), os: Some(os), kind: Some(kind) };
        assert_eq!(Device::parse(&agent), expected, "{agent}");
        assert_eq!(Device::parse(&agent).label(), format!("{browser} on {os}"));
    }
}

#[test]
fn programs_and_bots_are_told_apart_from_people() {
    for (agent, browser, kind) in [
        ("curl/8.11.0", Some("curl"), Some(Other)),
        ("python-requests/2.32.3", Some("Python"), Some(Other)),
        ("node", Some("Node.js"), Some(Other)),
        ("PostmanRuntime/7.42.0", Some("Postman"), Some(Other)),
        ("okhttp/4.12.0", Some("OkHttp"), Some(Other)),
        ("Go-http-client/2.0", Some("Go"), Some(Other)),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", None, Some(Bot)),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", None, Some(Bot)),
        ("SomeCrawler/1.0 (spider)", None, Some(Bot)),
    ] {
        assert_eq!(Device::parse(agent), Device { browser, os: None, kind }, "{agent}");
    }
}

#[test]
fn what_says_nothing_gives_nothing() {
    for agent in
        ["", "-", "x", "Mozilla/5.0", "nonsense/0", "<script>alert(1)</script>", "\u{fffd}\u{fffd}", &"a".repeat(512)]
    {
        let device = Device::parse(agent);
        assert_eq!(device, Device { browser: None, os: None, kind: None }, "{agent}");
        assert_eq!(device.label(), "Unknown device");
    }
}

proptest! {
    #[test]
    fn nothing_breaks_it(start in 0..5_usize, rest in ".{0,200}") {
        let known = ["", "Mozilla/5.0 (Windows NT ", "Mozilla/5.0 (Linux; Android ", "DoCoMo/", "Mozilla/5.0 (iPhone; Opera "];
        let device = Device::parse(&format!("{}{rest}", known[start]));
        prop_assert!(device.label().len() < 60);
    }
}

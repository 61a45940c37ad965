//! The HTML report in a real browser: filters work, the counterexample is visible, nothing is loaded, nothing complains.
//!
//! Needs `chromium` and `chromedriver`. Where they are absent that is said by name; with `KEYAKI_BROWSER` set (CI does),
//! it is a failure. `KEYAKI_PICTURES=FOLDER` keeps pictures of the page.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::outputs::mixed::{mixed, shown};

/// Arguments that make a browser stand still: alone, without a sandbox (CI is root), without calls home.
const ARGUMENTS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--window-size=1280,900",
];

/// A driver of a browser and its session; both end with it.
struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts one; `None` if there is none on this machine.
    fn start() -> Option<Browser> {
        let mut driver = match Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn() {
            Ok(driver) => driver,
            Err(error) if std::env::var_os("KEYAKI_BROWSER").is_none() => {
                eprintln!("not run: chromedriver is absent ({error})");
                return None;
            }
            Err(error) => panic!("chromedriver: {error}"),
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port =
            lines.find_map(|line| line.ok()?.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
        let mut browser = Browser { driver, port: port.expect("chromedriver says its port"), session: String::new() };
        // what it says later must not fill the pipe
        std::thread::spawn(move || lines.for_each(drop));
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{}", std::process::id()));
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let options = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let made = browser.post("/session", &options);
        browser.session = made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}")).to_owned();
        Some(browser)
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).unwrap();
        let mut answer = Vec::new();
        let mut reader = BufReader::new(stream);
        let mut length = None;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse::<u64>().ok();
            }
        }
        reader.take(length.expect("a length")).read_to_end(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.request("POST", path, &body.to_string())
    }

    fn command(&self, name: &str, body: &Value) -> Value {
        self.post(&format!("/session/{}/{name}", self.session), body)
    }

    /// The value of a script.
    fn script(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({"script": script, "args": []}))
    }

    fn devtools(&self, method: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({"cmd": method, "params": parameters}))
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        self.command("se/log", &json!({"type": kind})).as_array().unwrap().clone()
    }

    /// Clicks what a selector names, as a mouse does.
    fn click(&self, selector: &str) {
        let found = self.command("element", &json!({"using": "css selector", "value": selector}));
        let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        self.command(&format!("element/{id}/click"), &json!({}));
    }

    /// As wide as a desk's or a telephone's screen.
    fn width(&self, width: u32) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Keeps a picture of the whole page where the environment asks for one.
    fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("KEYAKI_PICTURES") else { return };
        let size = self.devtools("Page.getLayoutMetrics", &json!({}));
        let (width, height) = (&size["cssContentSize"]["width"], &size["cssContentSize"]["height"]);
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
        let options = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let data = self.devtools("Page.captureScreenshot", &options);
        let file = Path::new(&folder).join(format!("{name}.png.base64"));
        std::fs::write(file, data["data"].as_str().unwrap()).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let path = format!("/session/{}", self.session);
            // it may be gone already
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.request("DELETE", &path, "")));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The report as a file.
fn report() -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("report.html");
    let scan = mixed();
    std::fs::write(&file, keyaki::report::html::page(&shown(&scan, false))).unwrap();
    format!("file://{}", file.display())
}

/// How many elements of a selector can be seen.
fn visible(browser: &Browser, selector: &str) -> u64 {
    let script =
        format!("return [...document.querySelectorAll({selector:?})].filter((e) => e.checkVisibility()).length");
    browser.script(&script).as_u64().unwrap()
}

#[test]
fn the_html_report_works_in_a_browser() {
    let Some(browser) = Browser::start() else { return };
    let page = report();
    // what the browser shows of itself first is not ours
    browser.command("url", &json!({"url": "about:blank"}));
    browser.log("performance");
    browser.command("url", &json!({"url": page}));
    let all = visible(&browser, ".item");
    for width in [1280, 390] {
        browser.width(width);
        let (inner, scroll) =
            (browser.script("return innerWidth"), browser.script("return document.documentElement.scrollWidth"));
        assert_eq!((inner.as_u64(), scroll.as_u64()), (Some(width.into()), Some(width.into())), "it scrolls sideways");
        browser.picture(&format!("light-{width}"));
    }
    let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    let colour = "return getComputedStyle(document.body).backgroundColor";
    let light = browser.script(colour);
    browser.devtools("Emulation.setEmulatedMedia", &dark);
    assert_ne!(browser.script(colour), light, "dark is not dark");
    browser.picture("dark-390");
    browser.width(1280);
    browser.picture("dark-1280");

    browser.click(".tile.fail");
    assert_eq!(visible(&browser, ".item"), visible(&browser, ".item.fail"));
    assert!(visible(&browser, ".item.fail") > 0 && visible(&browser, ".item") < all);
    assert_eq!(browser.script("return document.querySelector('.tile.fail').ariaPressed"), "true");
    assert!(visible(&browser, ".item.fail .request") > 0, "no counterexample can be seen");
    let request = browser.script("return document.querySelector('.item.fail .request').innerText");
    let request = request.as_str().unwrap();
    assert!(request.contains("s3:DeleteBucket") && request.contains("arn:aws:s3:::amzn-s3-demo-bucket"), "{request}");
    browser.click(".item.fail .replay summary");
    let command = browser.script("return document.querySelector('.item.fail .command pre').innerText");
    assert!(command.as_str().unwrap().starts_with("keyaki evaluate --policy-document "), "{command}");
    assert!(visible(&browser, ".item.fail .command") > 0);
    browser.click(".item.fail .copy");
    browser.picture("filtered-1280");

    browser.click(".tile.fail");
    assert_eq!(visible(&browser, ".item"), all, "a second click takes the filter away");
    browser.script(
        "const s = document.getElementById('search'); s.value = 'read.json'; s.dispatchEvent(new Event('input'))",
    );
    assert_eq!((visible(&browser, ".item"), visible(&browser, ".seen")), (0, 1));
    browser.script("const s = document.getElementById('search'); s.value = 'zzz'; s.dispatchEvent(new Event('input'))");
    assert_eq!(visible(&browser, "#nothing"), 1);

    let console: Vec<Value> = browser.log("browser");
    assert_eq!(console, Vec::<Value>::new(), "the console is not empty");
    let mut loaded = Vec::new();
    for entry in browser.log("performance") {
        let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
        if message["message"]["method"] == "Network.requestWillBeSent" {
            loaded.push(message["message"]["params"]["request"]["url"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(loaded, [page], "something beside the page was loaded");
}

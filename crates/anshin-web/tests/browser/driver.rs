//! Chromium, driven over the `WebDriver` protocol: a few calls of JSON over HTTP on loopback.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const HOW: &str = "the browser tests need Chromium and its driver: apt-get install chromium chromium-driver";
/// The key under which `WebDriver` hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A driver of our own, which ends with the test.
pub(crate) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    pub(crate) fn start() -> Arc<Self> {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{HOW} ({error})"));
        let out = process.stdout.take().unwrap();
        let port = BufReader::new(out).lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let port = port.unwrap_or_else(|| panic!("{HOW} (the driver did not start)"));
        Arc::new(Self { process, port })
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", self.port);
        let _ = write!(head, "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).map_err(|error| error.to_string())?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).map_err(|error| error.to_string())?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(|_| "a length that is no number".to_owned())?;
            }
        }
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes).map_err(|error| error.to_string())?;
        let answer: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        match answer["value"]["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", answer["value"]["message"])),
            None => Ok(answer["value"].clone()),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How a browser is set up.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) lang: &'static str,
    pub(crate) scripts: bool,
}

pub(crate) const ENGLISH: Setup = Setup { lang: "en", scripts: true };

/// A browser with an empty profile.
pub(crate) struct Browser {
    driver: Arc<Driver>,
    session: String,
    base: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub(crate) fn open(driver: &Arc<Driver>, base: &str, setup: Setup) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let folder = format!("--user-data-dir={}", profile.path().display());
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
            "--window-size=1280,900",
            &folder,
        ];
        let scripts = if setup.scripts { 1 } else { 2 };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": args,
                "prefs": {
                    "intl.accept_languages": setup.lang,
                    "profile.managed_default_content_settings.javascript": scripts,
                },
            },
        } } });
        let made = driver.call("POST", "/session", &wanted).unwrap_or_else(|error| panic!("{HOW} ({error})"));
        let session = made["sessionId"].as_str().unwrap().to_owned();
        Self { driver: Arc::clone(driver), session, base: base.to_owned(), _profile: profile }
    }

    fn try_call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        self.driver.call(method, &format!("/session/{}{path}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_call(method, path, body).unwrap_or_else(|error| {
            panic!("{path} {body}: {error}\non {}\n{}", self.address(), self.words("body"))
        })
    }

    pub(crate) fn go(&self, path: &str) {
        self.call("POST", "/url", &json!({ "url": format!("{}{path}", self.base) }));
    }

    /// Goes to a page in another tab, which is seen then, and says its name.
    pub(crate) fn go_beside(&self, path: &str) -> String {
        let made = self.call("POST", "/window/new", &json!({ "type": "tab" }));
        let tab = made["handle"].as_str().unwrap().to_owned();
        self.show(&tab);
        self.go(path);
        tab
    }

    /// Shows a tab.
    pub(crate) fn show(&self, tab: &str) {
        self.call("POST", "/window", &json!({ "handle": tab }));
    }

    pub(crate) fn address(&self) -> String {
        let url = self.try_call("GET", "/url", &Value::Null).unwrap_or_default();
        url.as_str().unwrap_or_default().replace(&self.base, "")
    }

    /// Waits until something holds.
    pub(crate) fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let start = Instant::now();
        while !holds() {
            assert!(
                start.elapsed() < PATIENCE,
                "never: {what}\non {}\n{}",
                self.address(),
                self.words("body")
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn all(&self, selector: &str) -> Vec<String> {
        let found =
            self.try_call("POST", "/elements", &json!({ "using": "css selector", "value": selector }));
        let found = found.unwrap_or_default();
        let ids = found.as_array().into_iter().flatten().filter_map(|one| one[ELEMENT].as_str());
        ids.map(str::to_owned).collect()
    }

    pub(crate) fn count(&self, selector: &str) -> usize {
        self.all(selector).len()
    }

    fn one(&self, selector: &str) -> String {
        self.until(selector, || self.count(selector) > 0);
        self.all(selector).swap_remove(0)
    }

    pub(crate) fn click(&self, selector: &str) {
        let start = Instant::now();
        loop {
            let element = self.one(selector);
            // To the middle of the window, where no bar that stays at an edge lies over it.
            let centre = json!({
                "script": "arguments[0].scrollIntoView({ block: 'center' })", "args": [{ ELEMENT: element }],
            });
            let _ = self.try_call("POST", "/execute/sync", &centre);
            let path = format!("/element/{element}/click");
            match self.try_call("POST", &path, &json!({})) {
                // A page that follows what happens has put another one in its place.
                Err(error) if error.contains("stale element") && start.elapsed() < PATIENCE => {}
                Err(error) => panic!("{path}: {error}\non {}\n{}", self.address(), self.words("body")),
                Ok(_) => return,
            }
        }
    }

    /// Replaces what stands in a field.
    pub(crate) fn write(&self, selector: &str, words: &str) {
        let element = self.one(selector);
        self.call("POST", &format!("/element/{element}/clear"), &json!({}));
        self.call("POST", &format!("/element/{element}/value"), &json!({ "text": words }));
    }

    /// Presses keys on an element, as a keyboard does.
    pub(crate) fn press(&self, selector: &str, keys: &str) {
        let element = self.one(selector);
        self.call("POST", &format!("/element/{element}/value"), &json!({ "text": keys }));
    }

    pub(crate) fn words(&self, selector: &str) -> String {
        let Some(element) = self.all(selector).into_iter().next() else { return String::new() };
        let words = self.try_call("GET", &format!("/element/{element}/text"), &Value::Null);
        words.unwrap_or_default().as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn attribute(&self, selector: &str, name: &str) -> String {
        let Some(element) = self.all(selector).into_iter().next() else { return String::new() };
        let value = self.try_call("GET", &format!("/element/{element}/attribute/{name}"), &Value::Null);
        value.unwrap_or_default().as_str().unwrap_or_default().to_owned()
    }

    /// What stands in a field.
    pub(crate) fn value(&self, selector: &str) -> String {
        let element = self.one(selector);
        let value = self.call("GET", &format!("/element/{element}/property/value"), &Value::Null);
        value.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn run(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Drags the middle of one element to the middle of another.
    pub(crate) fn drag(&self, from: &str, to: &str) {
        self.drag_with("mouse", from, to);
    }

    /// Taps on the middle of an element with a finger.
    pub(crate) fn tap(&self, selector: &str) {
        self.drag_with("touch", selector, selector);
    }

    /// The same with a `mouse` or with `touch`.
    pub(crate) fn drag_with(&self, pointer: &str, from: &str, to: &str) {
        self.one(from);
        let script = format!(
            "const [from, to] = [{from:?}, {to:?}].map((one) => document.querySelector(one)); \
             document.getElementById('canvas').scrollIntoView({{ block: 'center' }}); \
             const middle = (b) => [b.left + b.width / 2, b.top + b.height / 2].map(Math.round); \
             return [...middle(from.getBoundingClientRect()), ...middle(to.getBoundingClientRect())]"
        );
        let places = self.run(&script);
        let number = |n: usize| places[n].as_f64().unwrap();
        let (from, to) = ((number(0), number(1)), (number(2), number(3)));
        let step = |x: f64, y: f64| json!({ "type": "pointerMove", "duration": 80, "x": x, "y": y });
        let half = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
        let actions = json!({ "actions": [{ "type": "pointer", "id": pointer, "parameters": { "pointerType": pointer }, "actions": [
            step(from.0, from.1), { "type": "pointerDown", "button": 0 },
            step(half.0.round(), half.1.round()), step(to.0, to.1), { "type": "pointerUp", "button": 0 },
        ] }] });
        self.call("POST", "/actions", &actions);
    }

    /// Gives the browser an authenticator that is part of it and knows its owner.
    #[cfg(feature = "tls")]
    pub(crate) fn with_authenticator(&self) {
        let authenticator = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true,
        });
        self.call("POST", "/webauthn/authenticator", &authenticator);
    }

    pub(crate) fn develop(&self, command: &str, parameters: &Value) -> Value {
        self.call("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Sets width and colour scheme.
    pub(crate) fn look(&self, width: u32, scheme: &str) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.develop("Emulation.setDeviceMetricsOverride", &metrics);
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.develop("Emulation.setEmulatedMedia", &features);
    }

    /// Keeps a picture of the whole page as output of the test.
    pub(crate) fn shoot(&self, name: &str) {
        let size = self.develop("Page.getLayoutMetrics", &json!({}));
        let size = &size["cssContentSize"];
        let height = size["height"].as_f64().unwrap_or(900.0).min(6000.0);
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": height, "scale": 1 });
        let shot =
            self.develop("Page.captureScreenshot", &json!({ "captureBeyondViewport": true, "clip": clip }));
        let path = screens().join(format!("{name}.png"));
        std::fs::write(path, unbase64(shot["data"].as_str().unwrap_or_default())).unwrap();
    }

    /// What the browser complained about since the last time, such as a broken content policy.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.call("POST", "/se/log", &json!({ "type": "browser" }));
        let lines = log.as_array().into_iter().flatten();
        lines.filter(|line| line["level"] != "DEBUG").map(|line| line["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.try_call("DELETE", "", &Value::Null);
    }
}

/// The folder of the pictures.
pub(crate) fn screens() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screens");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn unbase64(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|c| *c != b'=').map(value).collect();
    let mut out = Vec::with_capacity(digits.len() * 3 / 4);
    for group in digits.chunks(4) {
        let bits =
            group.iter().fold(0_u32, |all, digit| all << 6 | u32::from(*digit)) << (6 * (4 - group.len()));
        out.extend(&bits.to_be_bytes()[1..group.len()]);
    }
    out
}

//! The web program as it is run: the command line around it, what it hands out in a real browser, and
//! a disk that is full.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod common;
#[path = "../../anshin-web/tests/browser/driver.rs"]
#[allow(dead_code, reason = "the tests of the pages use more of it")]
mod driver;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use calamine::Reader as _;
use common::{Folder, Said, run};
use driver::{Browser, Driver, ENGLISH};

const PASSWORD: &str = "correct horse battery";

/// The program, running until the test ends.
struct Program {
    process: Child,
    address: String,
}

impl Program {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anshin"));
        command.args(["--lang", "en", "serve", "--listen", "127.0.0.1:0"]).args(arguments);
        Self::of(command, folder)
    }

    fn of(command: Command, folder: &Path) -> Self {
        let (program, lines) = Self::begin(command, folder);
        // What it logs is read on, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        program
    }

    /// Starts it, and gives what it goes on to log.
    fn begin(mut command: Command, folder: &Path) -> (Self, impl Iterator<Item = String> + Send + 'static) {
        let mut process =
            command.current_dir(folder).stderr(Stdio::piped()).spawn().expect("the program can be started");
        let said = process.stderr.take().expect("it is a pipe");
        let mut lines = BufReader::new(said).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let rest = line.split_once("open http://")?.1;
            Some(rest.split(' ').next().unwrap_or_default().to_owned())
        });
        (Self { process, address: address.expect("it says where it listens") }, lines)
    }

    /// Asks it to stop and waits until it has.
    fn stop(mut self) {
        let pid = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.is_ok_and(|status| status.success()));
        let ended = self.process.wait().expect("it ends");
        assert!(ended.success(), "{ended}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already where the test stopped it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A visitor without a browser: one connection for each request.
#[derive(Default)]
struct Visitor {
    cookies: Vec<(String, String)>,
}

impl Visitor {
    fn send(&mut self, program: &Program, method: &str, path: &str, form: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&program.address).expect("it listens");
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAccept-Language: en\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            program.address,
            cookies.join("; "),
            form.len()
        );
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("it answers");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("an answer of HTTP");
        for line in text.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = line.split(';').next().unwrap_or_default().split_once('=').expect("a cookie");
            self.cookies.retain(|(own, _)| own != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        (status, text)
    }

    /// Fills in a form of a page.
    fn fill_in(&mut self, program: &Program, page: &str, path: &str, form: &str) -> (u16, String) {
        let (_, text) = self.send(program, "GET", page, "");
        let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let form = format!("csrf={}&{form}", token.expect("the page has a form"));
        self.send(program, "POST", path, &form)
    }

    fn sign_in(&mut self, program: &Program) {
        let form = format!("login=aoi&password={}&back=/", PASSWORD.replace(' ', "+"));
        assert_eq!(self.fill_in(program, "/sign-in", "/sign-in", &form).0, 303);
    }
}

/// A command about the data, with the first line of its standard input.
fn told(folder: &Folder, arguments: &[&str], line: &str) -> Said {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_anshin"));
    let output = command
        .args(["--lang", "en"])
        .args(arguments)
        .current_dir(folder.path("."))
        .write_stdin(format!("{line}\n"))
        .output()
        .expect("the program can be started");
    Said::of(output)
}

/// Sets up the administrator on the command line.
fn administrator(folder: &Folder) -> Said {
    let new = ["administrator", "--organization", "Example Works", "--login", "aoi", "--name", "Aoi Tanaka"];
    told(folder, &new, PASSWORD)
}

/// The address of a copy of the example.
fn example(visitor: &mut Visitor, program: &Program) -> String {
    let (status, text) = visitor.fill_in(program, "/", "/new/example", "example=gas-water-heater");
    assert_eq!(status, 303);
    let place = text.lines().find_map(|line| line.strip_prefix("location: ")).expect("it leads on");
    place.split('?').next().unwrap_or_default().to_owned()
}

#[test]
fn the_data_is_looked_after_on_the_command_line() {
    let folder = Folder::new();
    folder.run(&["audit", "verify"]).ends_with(2).says(&["there is no", "--data"]);
    administrator(&folder).ends_with(0).says(&["`aoi` is set up"]);
    administrator(&folder).ends_with(2).says(&["there is an administrator already"]);
    let program = Program::start(&folder.path("."), &[]);
    let mut visitor = Visitor::default();
    visitor.sign_in(&program);
    example(&mut visitor, &program);

    // While it runs.
    folder.run(&["backup", "monday.anshin"]).ends_with(0).prints(&["systems: 1, revisions: 1"]);
    folder.run(&["backup", "monday.anshin"]).ends_with(2).says(&["monday.anshin"]);
    let end = folder.run(&["audit", "verify"]).ends_with(0).prints(&["all in order"]).out;
    folder.run(&["backup", "monday.anshin", "--check"]).ends_with(0).prints(&[&end]);
    program.stop();

    folder.run(&["restore", "monday.anshin", "--data", "elsewhere"]).ends_with(0).prints(&["systems: 1"]);
    folder.run(&["audit", "verify", "--data", "elsewhere"]).ends_with(0).prints(&["all in order"]);
    folder.run(&["restore", "monday.anshin", "--data", "elsewhere"]).ends_with(2);
    let program = Program::start(&folder.path("."), &["--data", "elsewhere"]);
    let mut visitor = Visitor::default();
    visitor.sign_in(&program);
    assert!(visitor.send(&program, "GET", "/", "").1.contains("Remote operation"));
    program.stop();

    // A backup that was cut off, and a trail in which somebody has changed an entry.
    let whole = std::fs::read(folder.path("monday.anshin")).expect("it is there");
    folder.write("half.anshin", &whole[..whole.len() / 2]);
    let damaged = "`half.anshin` is damaged or cut off";
    folder.run(&["backup", "half.anshin", "--check"]).ends_with(2).says(&[damaged]);
    folder.run(&["restore", "half.anshin", "--data", "third"]).ends_with(2).says(&[damaged]);
    let file = folder.path("anshin-data/anshin.sqlite");
    let mut bytes = std::fs::read(&file).expect("it is there");
    let word = b"system.create";
    let at = bytes.windows(word.len()).position(|part| part == word).expect("the entry is there");
    bytes[at..at + word.len()].copy_from_slice(b"system.delete");
    std::fs::write(&file, bytes).expect("it can be written");
    folder.run(&["audit", "verify"]).ends_with(1).prints(&["is not in order"]);
    let told = folder.run(&["audit", "verify", "--format", "json"]).ends_with(1).json();
    assert!(told["trails"][0]["broken"]["entry"].is_number(), "{told}");
}

#[test]
fn settings_come_from_file_environment_and_flags() {
    let folder = Folder::new();
    let serve = |arguments: &[&str], environment: &[(&str, &str)]| {
        let all = [&["--lang", "en", "serve"], arguments].concat();
        run(&folder.path("."), &all, environment)
    };
    folder.write("wrong.yaml", "anshin-serve: 1\nlissen: 127.0.0.1:0\n");
    serve(&["--config", "wrong.yaml"], &[]).ends_with(2).says(&["lissen", "listen"]);
    serve(&["--config", "nowhere.yaml"], &[]).ends_with(2).says(&["nowhere.yaml"]);
    serve(&[], &[("ANSHIN_LISSEN", "x")]).ends_with(2).says(&["did you mean `ANSHIN_LISTEN`"]);
    // Of three wrong addresses, the one that counts is named.
    folder.write("serve.yaml", "anshin-serve: 1\nlisten: file\n");
    serve(&["--config", "serve.yaml"], &[]).ends_with(2).says(&["`file` is not an address"]);
    let environment = [("ANSHIN_LISTEN", "environment")];
    serve(&["--config", "serve.yaml"], &environment).ends_with(2).says(&["`environment` is not"]);
    let flags = ["--config", "serve.yaml", "--listen", "flag"];
    serve(&flags, &environment).ends_with(2).says(&["`flag` is not an address"]);
    // Where others could reach it, it does not listen before there is an administrator.
    serve(&["--listen", "0.0.0.0:0"], &[]).ends_with(2).says(&["there is no administrator yet"]);
    folder.write("file", "no folder");
    serve(&["--data", "file/data", "--listen", "127.0.0.1:0"], &[]).ends_with(2).says(&["folder"]);
}

/// Ignores the signal of a file that grows too large, so that writing ends with an error as on a full
/// disk, and lets no file grow beyond so many blocks of 512 bytes.
fn with_little_room(blocks: u32) -> Command {
    let mut command = Command::new("sh");
    let line = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" --lang en serve --listen 127.0.0.1:0");
    command.args(["-c", &line, env!("CARGO_BIN_EXE_anshin")]);
    command
}

#[test]
fn a_full_disk_is_told_and_loses_nothing_that_was_saved() {
    let folder = Folder::new();
    administrator(&folder).ends_with(0);
    let program = Program::of(with_little_room(1200), &folder.path("."));
    let mut visitor = Visitor::default();
    visitor.sign_in(&program);
    let base = example(&mut visitor, &program);
    let mut saved = 1;
    let refused = loop {
        let form = format!("parent={saved}&key=resident&has=name&f.name=Resident+{saved}&act=save");
        let sheet = format!("{base}/sheets/stakeholders");
        let (status, text) = visitor.fill_in(&program, &sheet, &sheet, &form);
        if status != 303 {
            break (status, text);
        }
        saved += 1;
        assert!(saved < 400, "the disk never was full");
    };
    assert!(saved > 3 && refused.0 >= 500, "{saved} {}", refused.0);
    assert!(refused.1.contains("free space"), "{}", refused.1);
    assert!(refused.1.contains(&format!("Resident {saved}")), "what was typed is there: {}", refused.1);
    // Down to the last page.
    let (_, text) = visitor.send(&program, "GET", "/account", "");
    let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let form = format!("csrf={}", token.expect("the page has a form"));
    while visitor.send(&program, "POST", "/passkeys/ask", &form).0 == 200 {}
    let (status, text) = visitor.send(&program, "GET", "/readyz", "");
    assert!(status == 503 && text.contains("nothing can be saved"), "{status} {text}");
    assert_eq!(visitor.send(&program, "GET", "/healthz", "").0, 200);
    // What was saved is there, before and after a start with room; then saving goes on.
    let last = format!("Resident {}", saved - 1);
    let sheet = format!("{base}/sheets/stakeholders");
    assert!(visitor.send(&program, "GET", &sheet, "").1.contains(&last));
    program.stop();
    folder.run(&["audit", "verify"]).ends_with(0);
    let program = Program::start(&folder.path("."), &[]);
    let mut visitor = Visitor::default();
    assert_eq!(visitor.send(&program, "GET", "/readyz", "").0, 200);
    visitor.sign_in(&program);
    assert!(visitor.send(&program, "GET", &sheet, "").1.contains(&last));
    let form = format!("parent={saved}&key=resident&has=name&f.name=There+is+room&act=save");
    assert_eq!(visitor.fill_in(&program, &sheet, &sheet, &form).0, 303);
    program.stop();
}

#[test]
fn pages_are_answered_where_nobody_reads_the_log_any_more() {
    let folder = Folder::new();
    administrator(&folder).ends_with(0);
    let mut command = Command::new(env!("CARGO_BIN_EXE_anshin"));
    command.args(["--lang", "en", "serve", "--listen", "127.0.0.1:0"]);
    let (program, log) = Program::begin(command, &folder.path("."));
    drop(log);
    for _ in 0..3 {
        assert_eq!(Visitor::default().send(&program, "GET", "/sign-in", "").0, 200);
    }
    program.stop();
}

/// Waits for a download to be whole.
fn downloaded(folder: &Path, ending: &str) -> (PathBuf, Vec<u8>) {
    let start = Instant::now();
    loop {
        let files = std::fs::read_dir(folder).expect("the folder is there").flatten().map(|file| file.path());
        let found = files.into_iter().find(|path| path.to_string_lossy().ends_with(ending));
        if let Some(path) = found {
            let bytes = std::fs::read(&path).expect("it can be read");
            std::fs::remove_file(&path).expect("it can be removed");
            return (path, bytes);
        }
        assert!(start.elapsed() < Duration::from_mins(2), "{ending} never came");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn words_of_pdf(folder: &Path, bytes: &[u8]) -> String {
    let file = folder.join("look.pdf");
    std::fs::write(&file, bytes).expect("it can be written");
    let how = "PDF is looked at with qpdf and pdftotext: apt-get install qpdf poppler-utils";
    let checked = Command::new("qpdf").arg("--check").arg(&file).output().expect(how);
    assert!(checked.status.success(), "{checked:?}");
    let words = Command::new("pdftotext").arg(&file).arg("-").output().expect(how);
    String::from_utf8(words.stdout).expect("it writes UTF-8")
}

#[test]
fn reports_come_in_all_formats_in_a_real_browser() {
    let folder = Folder::new();
    administrator(&folder).ends_with(0);
    let program = Program::start(&folder.path("."), &[]);
    let driver = Driver::start();
    let browser = Browser::open(&driver, &format!("http://{}", program.address), ENGLISH);
    let files = tempfile::tempdir().expect("a folder can be made");
    let allow = serde_json::json!({ "behavior": "allow", "downloadPath": files.path() });
    browser.develop("Browser.setDownloadBehavior", &allow);
    browser.go("/sign-in");
    browser.write("#login", "aoi");
    browser.write("#password", PASSWORD);
    browser.click("main button.main");
    browser.until("signed in", || browser.address() == "/");
    browser.click("form[action='/new/example'] button");
    browser.until("the example", || browser.address().starts_with("/systems/"));
    let base = browser.address().split('?').next().expect("a path").to_owned();
    let get = |link: &str, ending: &str| {
        browser.go(&format!("{base}/reports"));
        browser.click(link);
        downloaded(files.path(), ending).1
    };
    let pdf = get("a[href$='/report.pdf']", ".en.pdf");
    let words = words_of_pdf(files.path(), &pdf);
    assert!(words.contains("Dedicated controller") && words.contains("Smartphone"), "{words}");
    let xlsx = get("a[href$='/report.xlsx']", ".en.xlsx");
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(xlsx)).expect("a workbook");
    let sheets = book.sheet_names();
    assert!(sheets.len() > 15, "{sheets:?}");
    let assets = sheets.iter().find(|name| name.as_str() == "Input Assets").expect("a sheet of assets");
    let cells = book.worksheet_range(assets).expect("it has cells");
    assert!(
        cells.cells().any(|(_, _, cell)| matches!(cell, calamine::Data::String(text) if text == "Router"))
    );
    let docx = get("a[href$='/request/supplier.docx']", ".en.docx");
    let mut parts = zip::ZipArchive::new(std::io::Cursor::new(docx)).expect("a document of Word");
    let mut text = String::new();
    parts.by_name("word/document.xml").expect("its text").read_to_string(&mut text).expect("UTF-8");
    assert!(text.contains("Smart-home supplier"), "{text}");
    let request = words_of_pdf(files.path(), &get("a[href$='/request/supplier.pdf']", "supplier.en.pdf"));
    assert!(request.contains("Smart-home supplier"), "{request}");
    let svg = String::from_utf8(get("a[href$='/pictures/risk-map.svg']", "risk-map.svg")).expect("UTF-8");
    let drawn = roxmltree::Document::parse(&svg).expect("a picture");
    assert!(drawn.descendants().any(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text"))));
    let yaml = String::from_utf8(get("a[href$='/report.yaml']", ".yaml")).expect("UTF-8");
    assert_eq!(yaml, include_str!("../../../examples/gas-water-heater.yaml"));
    let json: serde_json::Value =
        serde_json::from_slice(&get("a[href$='/report.json']", ".json")).expect("JSON");
    assert!(json["ratings"].as_array().is_some_and(|rows| !rows.is_empty()));
    browser.go(&format!("{base}/reports"));
    browser.click("a[href$='/report.html']");
    browser.until("the report", || browser.count("section.sheet") > 10);
    // In a narrow window pictures keep a size at which they are read, in frames that the keyboard reaches.
    browser.look(390, "light");
    let wide = browser.run("return document.scrollingElement.scrollWidth - innerWidth");
    assert!(wide.as_i64().is_some_and(|wide| wide <= 0), "{wide} too wide");
    let frames = browser.run(
        "return [...document.querySelectorAll('.picture')].map(one => one.tabIndex === 0 && one.ariaLabel !== null \
         && one.scrollWidth > one.clientWidth)",
    );
    let frames = frames.as_array().expect("a list").clone();
    assert!(!frames.is_empty() && frames.iter().all(|frame| *frame == true), "{frames:?}");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn machines_of_a_monitor_are_live_and_alerts_are_acknowledged() {
    let folder = Folder::new();
    administrator(&folder).ends_with(0);
    let demo =
        ["monitor", "demo", "--state", "floor", "--seconds", "600", "--speed", "100", "--format", "json"];
    let mut factory = Command::new(env!("CARGO_BIN_EXE_anshin"))
        .args(demo)
        .current_dir(folder.path("."))
        .stdout(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let program = Program::start(&folder.path("."), &["--monitor", "floor"]);
    let driver = Driver::start();
    let browser = Browser::open(&driver, &format!("http://{}", program.address), ENGLISH);
    browser.go("/machines");
    browser.until("signing in", || browser.address().starts_with("/sign-in"));
    browser.write("#login", "aoi");
    browser.write("#password", PASSWORD);
    browser.click("main button.main");
    browser.until("the machines", || browser.address().starts_with("/machines"));
    // Nobody loads the page again.
    browser.until("five machines", || browser.count("section.machine") == 5);
    browser.until("an alert", || browser.count("section.machine .notice form") > 0);
    browser.until("a cycle that was judged", || browser.count("section.machine .mark.good") > 0);
    browser.click("section.machine .notice button");
    browser.until("it is passed on", || browser.address().starts_with("/machines?said=acknowledged"));
    browser.until("it is acknowledged", || browser.words("#machines").contains("✓ acknowledged"));
    browser.until("the monitor is heard", || !browser.words("#machines").contains("Nothing is heard"));
    // One that is over before anybody has acknowledged it stays until somebody has, less loud.
    browser.until("another alert", || browser.count("section.machine .notice.grave form") > 0);
    let machine = browser
        .run("return document.querySelector('section.machine .notice.grave form input[name=machine]').value");
    let machine = machine.as_str().expect("a machine").to_owned();
    let maintain = ["monitor", "maintain", &machine, "--minutes", "10", "--by", "Sato", "--state", "floor"];
    folder.run(&maintain).ends_with(0);
    let over = "section.machine .notice.alarm:not(.grave)";
    browser.until("it is over", || browser.words("#machines").contains("; nobody has acknowledged it"));
    assert_eq!(browser.count(&format!("{over} form")), 1);
    let all =
        "return document.querySelectorAll('section.machine form[action=\"/machines/acknowledge\"]').length";
    let figure = "return Number([...document.querySelectorAll('.figure b')].at(-1).textContent)";
    assert!(browser.run(&format!("return (() => {{ {figure} }})() === (() => {{ {all} }})()")) == true);
    browser.click(&format!("{over} button"));
    browser.until("somebody has seen it", || browser.count(over) == 0);
    // Maintenance is begun and ended here as well; what somebody has opened and written stays while the page follows.
    let other = if machine == "robot" { "press" } else { "robot" };
    let of = |what: &str| format!("#{what}-demo-{other}");
    browser.click(&format!("{} > summary", of("maintenance")));
    browser.run(&format!("document.querySelector('{}').value = '500'", of("minutes")));
    let before = browser.words("#machines");
    browser.until("the page has followed", || browser.words("#machines") != before);
    assert_eq!(browser.run(&format!("return document.querySelector('{}').value", of("minutes"))), "500");
    browser.click(&of("maintain"));
    browser.until("it is passed on", || browser.address().starts_with("/machines?said=asked"));
    browser.until("it is maintained", || browser.count(&of("over")) == 1);
    browser.click(&of("over"));
    browser.until("it no longer is", || browser.count(&of("over")) == 0);
    browser.until("it can be begun again", || browser.count(&of("maintenance")) == 1);
    for (width, scheme, lang) in [
        (1280, "light", "en"),
        (768, "dark", "en"),
        (768, "light", "ja"),
        (390, "light", "en"),
        (390, "dark", "ja"),
    ] {
        browser.go(&format!("/language/{lang}?back=/machines"));
        browser.until("the machines", || browser.count("section.machine") == 5);
        browser.look(width, scheme);
        browser.shoot(&format!("machines-{width}-{scheme}-{lang}"));
        let wide =
            browser.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth");
        assert_eq!(wide, serde_json::json!(false), "the page is wider than the window at {width}");
        // What a machine does and how a cycle was found is told in words, whatever colour they have.
        let marks = browser.run(
            "const marks = [...document.querySelectorAll('.mark')];\
             return [marks.length >= 5, marks.filter(one => one.textContent.trim() === '').length]",
        );
        assert_eq!(marks, serde_json::json!([true, 0]));
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
    factory.kill().expect("it can be ended");
    factory.wait().expect("it ends");
    // Without a script the page says the same.
    let mut visitor = Visitor::default();
    visitor.sign_in(&program);
    let (status, page) = visitor.send(&program, "GET", "/machines", "");
    assert!(status == 200 && page.contains("acknowledged"), "{page}");
    // And where no monitor is named, there is no such page.
    program.stop();
    let program = Program::start(&folder.path("."), &[]);
    let mut visitor = Visitor::default();
    visitor.sign_in(&program);
    assert_eq!(visitor.send(&program, "GET", "/machines", "").0, 404);
    assert!(!visitor.send(&program, "GET", "/", "").1.contains("/machines"));
}

#[test]
fn who_is_locked_out_and_who_comes_from_elsewhere_is_let_in_by_command() {
    let folder = Folder::new();
    assert_eq!(administrator(&folder).code, Some(0));
    let again = administrator(&folder);
    assert!(again.code == Some(2) && again.err.contains("already"), "{}", again.err);
    let nobody = told(&folder, &["administrator", "--reset", "ren"], "another fine password");
    assert_eq!(nobody.code, Some(2));
    assert!(nobody.err.contains("there is no administrator `ren`"), "{}", nobody.err);
    let elsewhere =
        told(&folder, &["administrator", "--reset", "aoi", "--data", "x"], "another fine password");
    assert!(elsewhere.err.contains("there is no `x/anshin.sqlite`"), "{}", elsewhere.err);
    assert!(!Path::new(&folder.path("x")).exists(), "nothing is made");
    let both = told(&folder, &["administrator", "--reset", "aoi", "--login", "aoi"], "");
    assert_eq!(both.code, Some(2), "{}", both.err);
    let reset = told(&folder, &["administrator", "--reset", "aoi"], "another fine password");
    assert_eq!((reset.code, reset.out.as_str()), (Some(0), ""), "{}", reset.err);
    let further =
        ["administrator", "--further", "--organization", "Other", "--login", "mio", "--name", "Mio"];
    assert_eq!(told(&folder, &further, PASSWORD).code, Some(0));
    let verified = told(&folder, &["audit", "verify"], "");
    assert!(verified.out.contains("Example Works: 2 entries") && verified.out.contains("Other: 1 entries"));
    let program = Program::start(&folder.path("."), &[]);
    for (login, password, status) in
        [("aoi", PASSWORD, 401), ("aoi", "another fine password", 303), ("mio", PASSWORD, 303)]
    {
        let form = format!("login={login}&password={}&back=/", password.replace(' ', "+"));
        assert_eq!(Visitor::default().fill_in(&program, "/sign-in", "/sign-in", &form).0, status, "{login}");
    }
}

#[test]
fn every_command_about_the_data_reads_the_configuration() {
    let folder = Folder::new();
    folder.write("serve.yaml", "anshin-serve: 1\ndata: kept\n");
    let config = ["--config", "serve.yaml"];
    let new = ["administrator", "--organization", "Example Works", "--login", "aoi", "--name", "Aoi"];
    assert_eq!(told(&folder, &[&new[..], &config].concat(), PASSWORD).code, Some(0));
    assert!(Path::new(&folder.path("kept/anshin.sqlite")).exists());
    for command in [&["backup", "monday.anshin"][..], &["audit", "verify"]] {
        let said = told(&folder, &[command, &config].concat(), "");
        assert_eq!(said.code, Some(0), "{command:?}: {}", said.err);
    }
    folder.write("other.yaml", "anshin-serve: 1\ndata: elsewhere\n");
    let said = told(&folder, &["restore", "monday.anshin", "--config", "other.yaml"], "");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(Path::new(&folder.path("elsewhere/anshin.sqlite")).exists());
}

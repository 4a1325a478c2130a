//! The frame around every page.

use std::fmt::Write as _;

use anshin_model::{Lang, Text};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::address;

/// What somebody may do; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Power {
    /// See.
    View,
    /// Change and decide.
    Edit,
    /// Approve revisions.
    Approve,
    /// Manage people and settings.
    Administer,
}

/// Who looks at a page.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// What tells people apart, and tells nothing else of them: what is kept in a browser is for one only.
    pub mark: u64,
    /// Name.
    pub name: &'a str,
    /// Name of the organization.
    pub organization: &'a str,
    /// What he or she may do.
    pub power: Power,
}

/// What a page needs from the request.
#[derive(Debug, Clone)]
pub struct Chrome<'a> {
    /// The language.
    pub lang: Lang,
    /// The nonce of the content security policy, for the styles inside pictures.
    pub nonce: &'a str,
    /// The token that forms send back.
    pub csrf: &'a str,
    /// Who looks; nobody before signing in.
    pub who: Option<Who<'a>>,
    /// Path and query of this page.
    pub here: &'a str,
    /// Whether there are machines to look at.
    pub machines: bool,
    /// What the last action has to say.
    pub notice: Option<Notice>,
}

/// A sentence above a page.
#[derive(Debug, Clone)]
pub struct Notice {
    /// `good`, `serious`, `grave` or empty.
    pub tone: &'static str,
    /// What it says.
    pub text: Text,
}

/// Which part of the program a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Systems.
    Systems,
    /// The catalog.
    Catalog,
    /// Checklists.
    Checklists,
    /// Machines that a monitor watches.
    Machines,
    /// People, settings, audit trail.
    Organization,
    /// One's own account.
    Account,
    /// Help.
    Help,
    /// None of them.
    Outside,
}

/// A page before it stands in its frame.
#[derive(Debug)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// What is in it.
    pub body: Markup,
    /// Where it belongs.
    pub room: Room,
    /// Whether it is for reading: narrow.
    pub narrow: bool,
    /// The script that brings it to life, if any.
    pub script: Option<&'static str>,
}

impl Page {
    /// A wide page without a script.
    pub fn new(title: impl Into<String>, room: Room, body: Markup) -> Self {
        Self { title: title.into(), body, room, narrow: false, script: None }
    }

    /// For reading.
    #[must_use]
    pub fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    /// With a script.
    #[must_use]
    pub fn script(mut self, name: &'static str) -> Self {
        self.script = Some(name);
        self
    }
}

/// A word of the program in one of the languages.
pub fn say<'t>(lang: Lang, ja: &'t str, en: &'t str) -> &'t str {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}

impl Chrome<'_> {
    /// A word of the program in the language of the page.
    pub fn say<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        say(self.lang, ja, en)
    }

    /// The address of this page without what it says about the last action.
    pub fn again(&self) -> String {
        let (path, query) = self.here.split_once('?').unwrap_or((self.here, ""));
        let about = |pair: &&str| !["said=", "was="].iter().any(|word| pair.starts_with(word));
        let rest: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).filter(about).collect();
        if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) }
    }

    /// Whether the person may do something.
    pub fn may(&self, power: Power) -> bool {
        self.who.is_some_and(|who| who.power >= power)
    }

    /// The hidden field that every form carries.
    pub fn token(&self) -> Markup {
        html! { input type="hidden" name="csrf" value=(self.csrf); }
    }

    /// A form that acts, with its token.
    pub fn form(&self, action: &str, class: &str, body: &Markup) -> Markup {
        html! { form method="post" action=(action) class=(class) { (self.token()) (body) } }
    }

    /// A picture inside the page: its style carries the nonce of the policy.
    pub fn picture(&self, svg: &str) -> Markup {
        inline(svg, self.nonce)
    }

    fn nav(&self, room: Room) -> Markup {
        let mut links = vec![
            (Room::Systems, "/", self.say("システム", "Systems")),
            (Room::Checklists, "/checklists", self.say("自己診断", "Checklists")),
            (Room::Catalog, "/catalog", self.say("カタログ", "Catalog")),
        ];
        if self.machines {
            links.insert(1, (Room::Machines, "/machines", self.say("機械", "Machines")));
        }
        if self.may(Power::Administer) {
            links.push((Room::Organization, "/organization", self.say("組織", "Organization")));
        }
        links.push((Room::Help, "/help", self.say("使い方", "Help")));
        html! {
            nav aria-label=(self.say("主なページ", "Main pages")) { ul {
                @for (own, address, name) in links {
                    li { a href=(address) aria-current=[(own == room).then_some("page")] { (name) } }
                }
            } }
        }
    }

    fn languages(&self) -> Markup {
        let back = encode(self.here);
        html! {
            span.langs role="group" aria-label=(self.say("言語", "Language")) {
                @for (lang, name) in [(Lang::Ja, "日本語"), (Lang::En, "English")] {
                    @if lang == self.lang { strong lang=(lang.code()) aria-current="true" { (name) } }
                    @else {
                        a href={ "/language/" (lang.code()) "?back=" (back) } lang=(lang.code()) hreflang=(lang.code()) { (name) }
                    }
                }
            }
        }
    }

    fn me(&self) -> Markup {
        html! {
            div.me {
                @if let Some(who) = &self.who {
                    span { (who.organization) }
                    a href="/account" { (who.name) }
                    form method="post" action="/sign-out" {
                        (self.token())
                        button.bare.tiny { (self.say("サインアウト", "Sign out")) }
                    }
                }
                (self.languages())
            }
        }
    }

    /// The whole page.
    pub fn page(&self, page: &Page) -> String {
        let brand = "Anshin";
        let markup = html! {
            (DOCTYPE)
            html lang=(self.lang.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="same-origin";
                    title { (page.title) " · " (brand) }
                    link rel="icon" href=(address("icon.svg")) type="image/svg+xml";
                    @for sheet in ["tokens.css", "base.css", "parts.css"] {
                        link rel="stylesheet" href=(address(sheet)) nonce=(self.nonce);
                    }
                    @for script in page.script.into_iter().chain(self.who.map(|_| "typed.js")) {
                        script type="module" src=(address(script)) nonce=(self.nonce) {}
                    }
                }
                body data-user=[self.who.map(|who| format!("{:016x}", who.mark))] {
                    a.skip href="#main" { (self.say("本文へ", "Skip to the content")) }
                    header.top {
                        a.brand href="/" { (logo()) (brand) }
                        @if self.who.is_some() { (self.nav(page.room)) }
                        (self.me())
                    }
                    main #main tabindex="-1" class=[page.narrow.then_some("read")] {
                        @if let Some(notice) = &self.notice {
                            div class={ "notice " (notice.tone) } role="status" { p { (notice.text.get(self.lang)) } }
                        }
                        (page.body)
                    }
                    footer.end {
                        span { "Anshin 安心" }
                        span { (self.say(
                            "IoTセキュリティ・セーフティ・フレームワークによるリスクアセスメント",
                            "Risk assessment by the IoT Security & Safety Framework")) }
                    }
                }
            }
        };
        markup.into_string()
    }
}

/// The sign of the program: a roof over one who stands safely.
fn logo() -> Markup {
    PreEscaped(include_str!("../assets/icon.svg").to_owned())
}

/// A picture that goes into a page.
///
/// The pictures are our own and escape what people wrote; only their style needs leave to be there.
pub fn inline(svg: &str, nonce: &str) -> Markup {
    let element = svg.find("<svg").map_or(svg, |start| &svg[start..]);
    PreEscaped(element.replace("<style>", &format!("<style nonce=\"{nonce}\">")))
}

/// Words for the query of an address.
pub fn encode(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for byte in words.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The headings of a table: its class, Japanese, English. Where the page is narrow, the rows stand one below
/// the other, and each cell says its heading itself.
pub(crate) struct Heads<'c>(&'c Chrome<'c>, &'static [(&'static str, &'static str, &'static str)]);

impl<'c> Heads<'c> {
    pub(crate) fn new(
        chrome: &'c Chrome<'c>,
        columns: &'static [(&'static str, &'static str, &'static str)],
    ) -> Self {
        Self(chrome, columns)
    }

    /// The row of headings.
    pub(crate) fn row(&self) -> Markup {
        html! { thead { tr { @for (class, ja, en) in self.1 {
            th scope="col" class=[(!class.is_empty()).then_some(class)] { (self.0.say(ja, en)) }
        } } } }
    }

    /// What a cell of a column says of itself.
    pub(crate) fn of(&self, column: usize) -> &'static str {
        self.1.get(column).map_or("", |(_, ja, en)| say(self.0.lang, ja, en))
    }
}

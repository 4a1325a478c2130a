//! The stakeholders: who makes, operates, maintains and updates what, and whom it can hurt.
//!
//! A table as a picture: every stakeholder is a column, every asset a row, so that each relation
//! has one place and nothing crosses, however many there are.

use std::ops::Range;

use anshin_model::document::{Duty, Reach, Role};
use anshin_model::{Lang, Text};

use crate::Subject;
use crate::icons;
use crate::route::px;
use crate::svg::{self, Anchor, Font, MARGIN, Num, Picture, Rect};

/// Width of a column: more than the least where a word of some name needs it.
const COLUMN: (f64, f64) = (148.0, 188.0);
/// What of a column stays free beside a name.
const BESIDE: f64 = 26.0;
const SIDE: f64 = 250.0;
const NAME: Font = Font::bold(13.0);
const BODY: Font = Font::regular(13.0);
const SMALL: Font = Font::regular(11.5);
const TITLE: Font = Font::bold(20.0);
/// Most assets in one part of the picture, and most parts, which takes precedence.
const MOST_ROWS: usize = 40;
const MOST_PARTS: usize = 4;
/// From one mark to the next.
const MARK: f64 = 25.0;

/// What a stakeholder has to do with an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Makes,
    Operates,
    Maintains,
    Updates,
    Hurt,
}

impl Part {
    const ALL: [Part; 5] = [Part::Makes, Part::Operates, Part::Maintains, Part::Updates, Part::Hurt];

    fn name(self) -> Text {
        match self {
            Part::Makes => Text::new("作る", "makes"),
            Part::Operates => Text::new("運用する", "operates"),
            Part::Maintains => Text::new("保守する", "maintains"),
            Part::Updates => Text::new("更新を届ける", "updates"),
            Part::Hurt => Text::new("けがをしうる", "may be hurt"),
        }
    }

    fn letter(self) -> Text {
        match self {
            Part::Makes => Text::new("製", "D"),
            Part::Operates => Text::new("運", "O"),
            Part::Maintains => Text::new("保", "M"),
            Part::Updates => Text::new("更", "U"),
            Part::Hurt => Text::same("!"),
        }
    }

    /// Each part has a ground of its own shape, so that it is told apart without colour.
    fn write(self, picture: &mut Picture, x: f64, y: f64, lang: Lang) {
        let letter = self.letter();
        let letter = letter.get(lang);
        let middle = (x + 10.5, y + 14.8);
        let ground = Rect::new(x, y, 21.0, 21.0);
        let font = Font::bold(12.0);
        let name = self.name();
        picture.open("part", &[], name.get(lang));
        match self {
            Part::Makes => {
                picture.rect(svg::SOLID, ground, 2.0);
                picture.text(svg::REVERSED, middle, font, Anchor::Middle, letter);
            }
            Part::Operates => {
                picture.disc(svg::TARGET_LABEL, x + 10.5, y + 10.5, 10.5);
                picture.text(svg::REVERSED, middle, font, Anchor::Middle, letter);
            }
            Part::Maintains => {
                picture.rect(svg::BOX, ground, 2.0);
                picture.text(svg::INK, middle, font, Anchor::Middle, letter);
            }
            Part::Updates => {
                picture.rect(svg::BOX, ground, 10.5);
                picture.text(svg::INK, middle, font, Anchor::Middle, letter);
            }
            Part::Hurt => {
                picture.symbol(svg::PRIORITY, icons::TRIANGLE, x - 1.0, y - 2.0, 23.0);
                picture.text(svg::REVERSED, (x + 10.5, y + 16.5), font, Anchor::Middle, letter);
            }
        }
        picture.close();
    }
}

/// Who makes, operates, maintains and updates what, and whom it can hurt.
pub fn stakeholder_diagram(subject: &Subject<'_>, lang: Lang) -> String {
    rows_of(subject, 0..subject.system.document.assets.len(), lang)
}

/// The same in parts that fit a sheet of paper each: the stakeholders stand above every one.
pub fn stakeholder_diagrams(subject: &Subject<'_>, lang: Lang) -> Vec<String> {
    let all = subject.system.document.assets.len();
    let parts = all.div_ceil(MOST_ROWS).clamp(1, MOST_PARTS);
    (0..parts).map(|part| rows_of(subject, all * part / parts..all * (part + 1) / parts, lang)).collect()
}

fn rows_of(subject: &Subject<'_>, rows: Range<usize>, lang: Lang) -> String {
    let document = subject.system.document;
    let order = by_role(subject);
    let column_width = order
        .iter()
        .map(|&n| BESIDE + NAME.widest_piece(document.stakeholders[n].name.get(lang)))
        .fold(COLUMN.0, f64::max)
        .min(COLUMN.1)
        .ceil();
    let width = (MARGIN * 2.0 + SIDE + column_width * px(order.len())).max(720.0);
    let subtitle = Text::new("ステークホルダーと役割", "Stakeholders and what they do");
    let subtitle = subtitle.get(lang);
    let name = document.system.name.get(lang);
    let mut picture = Picture::default();
    let title = TITLE.wrap(name, width - MARGIN * 2.0, 3);
    let mut y = MARGIN + 18.0;
    picture.lines(svg::INK, (MARGIN, y), TITLE, Anchor::Start, &title);
    y += px(title.len()) * TITLE.leading() - 4.0;
    picture.text(svg::MUTED, (MARGIN, y), BODY, Anchor::Start, subtitle);
    y += 20.0;

    let cards: Vec<Vec<String>> = order
        .iter()
        .map(|&n| NAME.wrap_evenly(document.stakeholders[n].name.get(lang), column_width - BESIDE, 6))
        .collect();
    let notes: Vec<Vec<String>> =
        order.iter().map(|&n| notes(subject, n, (column_width - BESIDE, lang))).collect();
    let height = 34.0
        + px(cards.iter().map(Vec::len).max().unwrap_or(1)) * NAME.leading()
        + px(notes.iter().map(Vec::len).max().unwrap_or(0)) * SMALL.leading();
    for (column, &n) in order.iter().enumerate() {
        let who = &document.stakeholders[n];
        let card = Rect::new(MARGIN + SIDE + column_width * px(column) + 4.0, y, column_width - 8.0, height);
        picture.open("stakeholder", &[("data-id", who.id.as_str())], who.name.get(lang));
        picture.rect(if who.lead { svg::BOX_PRIORITY } else { svg::BOX }, card, 6.0);
        picture.text(svg::MUTED, (card.x + 9.0, y + 18.0), SMALL, Anchor::Start, role(who.role).get(lang));
        if who.lead {
            picture.symbol(svg::PRIORITY, icons::STAR, card.right() - 22.0, y + 7.0, 14.0);
        }
        picture.lines(svg::INK, (card.x + 9.0, y + 37.0), NAME, Anchor::Start, &cards[column]);
        let below = y + 37.0 + px(cards[column].len()) * NAME.leading();
        picture.lines(svg::MUTED, (card.x + 9.0, below), SMALL, Anchor::Start, &notes[column]);
        picture.close();
    }
    y += height + 10.0;
    for row in rows {
        y = asset_row(&mut picture, subject, (row, y), &order, (width, column_width, lang));
    }
    y = legend(&mut picture, y + 28.0, width, lang);
    picture.finish("anshin-stakeholders", &format!("{name} — {subtitle}"), lang, width, y + MARGIN)
}

/// One asset with the parts that each stakeholder has in it; returns where the next row begins.
fn asset_row(
    picture: &mut Picture,
    subject: &Subject<'_>,
    (n, top): (usize, f64),
    order: &[usize],
    (width, column_width, lang): (f64, f64, Lang),
) -> f64 {
    let asset = &subject.system.document.assets[n];
    let lines = BODY.wrap(asset.name.get(lang), SIDE - 52.0, 6);
    let parts: Vec<Vec<Part>> = order.iter().map(|&who| parts(subject, n, who)).collect();
    let height = (px(lines.len()) * BODY.leading() + 17.0).max(38.0);
    picture.open("asset", &[("data-id", asset.id.as_str())], asset.name.get(lang));
    if n % 2 == 0 {
        picture.rect(svg::STRIPE, Rect::new(MARGIN, top, width - MARGIN * 2.0, height), 0.0);
    }
    let kind = subject.system.catalog.asset_kinds.get(&asset.kind);
    let icon = icons::of(kind.map_or("", |kind| kind.icon.as_str()));
    picture.symbol(svg::ICON, icon, MARGIN + 8.0, top + height / 2.0 - 12.0, 24.0);
    let text = top + height / 2.0 + 4.5 - px(lines.len() - 1) * BODY.leading() / 2.0;
    picture.lines(svg::INK, (MARGIN + 42.0, text), BODY, Anchor::Start, &lines);
    for (column, parts) in parts.iter().enumerate() {
        let middle = MARGIN + SIDE + column_width * (px(column) + 0.5);
        let mut x = middle - px(parts.len()) * MARK / 2.0 + 2.0;
        for part in parts {
            part.write(picture, x, top + height / 2.0 - 10.5, lang);
            x += MARK;
        }
    }
    picture.close();
    let end = top + height;
    picture.path(svg::RULE, &format!("M{} {}H{}", Num(MARGIN), Num(end), Num(width - MARGIN)));
    end
}

fn legend(picture: &mut Picture, y: f64, width: f64, lang: Lang) -> f64 {
    let (mut x, mut y) = (MARGIN, y);
    let lead = Text::new("適用主体", "lead of the assessment");
    picture.open("legend", &[], "");
    for part in Part::ALL.into_iter().map(Some).chain([None]) {
        let name = part.map_or_else(|| lead.clone(), Part::name);
        let needed = 28.0 + SMALL.width(name.get(lang)) + 20.0;
        if x + needed > width - MARGIN && x > MARGIN {
            (x, y) = (MARGIN, y + 28.0);
        }
        match part {
            Some(part) => part.write(picture, x, y - 15.0, lang),
            None => picture.symbol(svg::PRIORITY, icons::STAR, x + 3.0, y - 13.0, 16.0),
        }
        picture.text(svg::INK, (x + 28.0, y), SMALL, Anchor::Start, name.get(lang));
        x += needed;
    }
    picture.close();
    y
}

/// The stakeholders in the order of their roles, the lead first within its role.
fn by_role(subject: &Subject<'_>) -> Vec<usize> {
    let who = &subject.system.document.stakeholders;
    let mut order: Vec<usize> = (0..who.len()).collect();
    order.sort_by_key(|&n| (who[n].role, !who[n].lead));
    order
}

fn parts(subject: &Subject<'_>, asset: usize, who: usize) -> Vec<Part> {
    let profile = &subject.system.profiles[asset];
    let is_hurt = profile.dangers.iter().any(|danger| danger.worst.is_some() && danger.to.contains(&who));
    Part::ALL
        .into_iter()
        .filter(|part| match part {
            Part::Makes => profile.maker == Some(who),
            Part::Operates => profile.operator == Some(who),
            Part::Maintains => profile.maintainer == Some(who),
            Part::Updates => profile.updater == Some(who),
            Part::Hurt => is_hurt,
        })
        .collect()
}

/// What else there is to know about a stakeholder.
fn notes(subject: &Subject<'_>, n: usize, (width, lang): (f64, Lang)) -> Vec<String> {
    let who = subject.system.stakeholder(n);
    let mut notes: Vec<Text> = Vec::new();
    if who.person {
        notes.push(Text::new("個人", "private person"));
    }
    notes.extend(who.duties.iter().map(|duty| match duty {
        Duty::Installs => Text::new("設置・設定", "installs"),
        Duty::Advises => Text::new("販売・案内", "sells, advises"),
        Duty::Supports => Text::new("利用の支援", "supports users"),
    }));
    match who.reach {
        Reach::One => {}
        Reach::Several => notes.push(Text::new("他にも数社に提供", "several customers")),
        Reach::Many => notes.push(Text::new("市場に広く提供", "many customers")),
    }
    notes.iter().flat_map(|note| SMALL.wrap(note.get(lang), width, 2)).collect()
}

fn role(role: Role) -> Text {
    match role {
        Role::Developer => Text::new("開発者", "Developer"),
        Role::Provider => Text::new("提供者", "Provider"),
        Role::User => Text::new("利用者", "User"),
        Role::ThirdParty => Text::new("第三者", "Third party"),
    }
}

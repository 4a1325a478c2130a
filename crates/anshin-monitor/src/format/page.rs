//! All keys of a configuration as a page: what each holds, and what it means.

use std::fmt::Write as _;

use anshin_model::Lang;
use anshin_model::shape::{Field, Object, Shape};

use super::{CONFIGURATION, sentence};

/// The page in Markdown.
pub(crate) fn keys(lang: Lang) -> String {
    let mut page = String::from(match lang {
        Lang::Ja => {
            "# 監視の設定のキー\n\n[English](monitor-keys.md) · [監視](monitor.ja.md)\n\n\
             `anshin monitor schema`が示すものと同じです。**太字**のキーは必ず書きます。電力の値は、入力元が送る値と同じ単位\
             （ふつうはW）です。\n"
        }
        Lang::En => {
            "# Keys of a monitor's configuration\n\n[日本語](monitor-keys.ja.md) · [The monitor](monitor.md)\n\n\
             The same as `anshin monitor schema` shows. Keys in **bold** must be there. Power is in the unit in which the \
             source sends it, usually W.\n"
        }
    });
    for (path, object) in objects() {
        let says = sentence(object.name, lang).unwrap_or(object.about);
        let (key, holds, means) = match lang {
            Lang::Ja => ("キー", "値", "意味"),
            Lang::En => ("key", "value", "meaning"),
        };
        let heading = if path.is_empty() {
            match lang {
                Lang::Ja => "全体".to_owned(),
                Lang::En => "The whole".to_owned(),
            }
        } else {
            format!("`{path}`")
        };
        // Writing to a string cannot fail.
        let _ =
            write!(page, "\n## {heading}\n\n{says}\n\n| {key} | {holds} | {means} |\n| --- | --- | --- |\n");
        for field in object.fields {
            let mark = if field.required { "**" } else { "" };
            let (name, holds) = (field.name, value(&field.shape, &within(&path, field), lang));
            let _ = writeln!(page, "| {mark}`{name}`{mark} | {holds} | {} |", meaning(object, field, lang));
        }
    }
    page
}

/// All objects, each with the first place where it stands.
fn objects() -> Vec<(String, &'static Object)> {
    let mut all: Vec<(String, &'static Object)> = vec![(String::new(), &CONFIGURATION)];
    let mut n = 0;
    while let Some((path, object)) = all.get(n).cloned() {
        for field in object.fields {
            if let Some(inner) = inner(&field.shape)
                && !all.iter().any(|(_, known)| known.name == inner.name)
            {
                all.push((within(&path, field), inner));
            }
        }
        n += 1;
    }
    all
}

fn within(path: &str, field: &Field) -> String {
    if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) }
}

/// The object that a shape is made of.
fn inner(shape: &'static Shape) -> Option<&'static Object> {
    match shape {
        Shape::Items(object) | Shape::Object(object) | Shape::Short(object) => Some(object),
        Shape::List(shape) | Shape::OneOrMore(shape) => inner(shape),
        _ => None,
    }
}

/// What a key holds, with its limits.
fn value(shape: &'static Shape, path: &str, lang: Lang) -> String {
    let say = |ja: &str, en: &str| if lang == Lang::Ja { ja.to_owned() } else { en.to_owned() };
    let table = || say(&format!("マップ（`{path}`）"), &format!("map (`{path}`)"));
    match shape {
        Shape::Text => say("文、または`ja`と`en`", "text, or `ja` and `en`"),
        Shape::Line | Shape::Known(_) => say("文字列", "text"),
        Shape::Id => say("識別子", "id"),
        Shape::Bool => say("`true`か`false`", "`true` or `false`"),
        Shape::Number(low, high) if low.total_cmp(high).is_eq() => number(*low),
        Shape::Number(low, high) => {
            let (low, high) = (number(*low), number(*high));
            say(&format!("数、{low}から{high}"), &format!("number, {low} to {high}"))
        }
        Shape::NumberOr(low, high, word) => {
            let (low, high) = (number(*low), number(*high));
            say(&format!("数（{low}から{high}）か`{word}`"), &format!("number, {low} to {high}, or `{word}`"))
        }
        Shape::Whole(low, high) => {
            say(&format!("整数、{low}から{high}"), &format!("whole number, {low} to {high}"))
        }
        Shape::Date => say("日付", "date"),
        Shape::Choice(words) => {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            words.join(if lang == Lang::Ja { "、" } else { ", " })
        }
        Shape::Ref(list) => say(&format!("`{list}`の識別子"), &format!("id of one of `{list}`")),
        Shape::List(one) => {
            let one = value(one, path, lang);
            say(&format!("{one}のリスト"), &format!("list: {one}"))
        }
        Shape::OneOrMore(one) => {
            let one = value(one, path, lang);
            say(&format!("{one}、またはそのリスト"), &format!("{one}, or a list"))
        }
        Shape::Items(_) => say(&format!("リスト（`{path}`）"), &format!("list (`{path}`)")),
        Shape::Object(_) => table(),
        Shape::Short(object) => {
            let short = value(&object.fields[0].shape, path, lang);
            say(&format!("{short}、または{}", table()), &format!("{short}, or {}", table()))
        }
    }
}

fn number(number: f64) -> String {
    let size = number.abs();
    if size >= 1e9 || (size > 0.0 && size < 1e-2) { format!("{number:e}") } else { number.to_string() }
}

/// What a key means, and each of its choices.
fn meaning(object: &Object, field: &Field, lang: Lang) -> String {
    let of = format!("{}.{}", object.name, field.name);
    let mut says = sentence(&of, lang).unwrap_or(field.about).to_owned();
    if let Shape::Choice(words) = &field.shape {
        for (word, about) in *words {
            let about = sentence(&format!("{of}={word}"), lang).unwrap_or(about);
            let _ = write!(says, "<br>`{word}`: {about}");
        }
    }
    says.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::japanese::SENTENCES;
    use super::*;

    /// Everything of which something is said.
    fn all() -> BTreeSet<String> {
        let mut all = BTreeSet::from(["text".to_owned(), "id".to_owned()]);
        for (_, object) in objects() {
            all.insert(object.name.to_owned());
            for field in object.fields {
                let of = format!("{}.{}", object.name, field.name);
                if let Shape::Choice(words) = &field.shape {
                    all.extend(words.iter().map(|(word, _)| format!("{of}={word}")));
                }
                all.insert(of);
            }
        }
        all
    }

    #[test]
    fn every_key_and_choice_is_told_in_both_languages() {
        let told: BTreeSet<String> = SENTENCES.iter().map(|(of, _)| (*of).to_owned()).collect();
        assert_eq!(told.len(), SENTENCES.len(), "each once");
        let missing: Vec<String> = all().difference(&told).cloned().collect();
        let idle: Vec<String> = told.difference(&all()).cloned().collect();
        assert!(missing.is_empty() && idle.is_empty(), "not in Japanese: {missing:?}; of no key: {idle:?}");
        for (of, says) in SENTENCES {
            let is_same_in_both =
                matches!(*of, "Source.decimal=point" | "Source.decimal=comma" | "Outlet.product=la6");
            let is_japanese = says.chars().any(|c| ('\u{3040}'..='\u{9fff}').contains(&c));
            assert!(is_japanese || is_same_in_both, "{of}: {says}");
        }
    }

    #[test]
    fn the_pages_of_keys_are_those_of_the_program() {
        for (lang, name) in [(Lang::En, "monitor-keys.md"), (Lang::Ja, "monitor-keys.ja.md")] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
            let page = keys(lang);
            if std::fs::read_to_string(&path).unwrap_or_default() != page {
                let made = std::env::temp_dir().join(name);
                std::fs::write(&made, page).unwrap();
                panic!("docs/{name} is not up to date; copy {} there", made.display());
            }
        }
    }
}

//! What is wrong with the arguments, in Japanese, and what the parser leaves unclear in either language.

use std::error::Error as _;
use std::fmt::Write as _;

use anshin_model::Lang;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::monitor::args::Unusable;

/// The message; `None` if that of the parser does.
pub(crate) fn message(error: &clap::Error, lang: Lang) -> Option<String> {
    let (said, ja) = match lang {
        Lang::Ja => (japanese(error)?, true),
        Lang::En => (negative(error)?.1, false),
    };
    let mut out = format!("{}: {said}\n", if ja { "エラー" } else { "error" });
    if ja && let Some(usage) = usage(error) {
        let _ = write!(out, "\n{usage}\n");
    }
    out.push_str(if ja {
        "\n詳しくは`--help`を付けて実行してください\n"
    } else {
        "\nFor more information, try '--help'.\n"
    });
    Some(out)
}

fn japanese(error: &clap::Error) -> Option<String> {
    let one = |kind| words(error, kind).into_iter().next();
    let said = match error.kind() {
        ErrorKind::UnknownArgument => {
            if let Some((ja, _)) = negative(error) {
                return Some(ja);
            }
            let near = one(ContextKind::SuggestedArg);
            let near = near.map(|near| format!("。`{near}`ではありませんか")).unwrap_or_default();
            format!("`{}`という引数はありません{near}", one(ContextKind::InvalidArg)?)
        }
        ErrorKind::InvalidSubcommand => {
            // The nearest stands last.
            let near = words(error, ContextKind::SuggestedSubcommand).pop();
            let near = near.map(|near| format!("。`{near}`ではありませんか")).unwrap_or_default();
            format!("`{}`というコマンドはありません{near}", one(ContextKind::InvalidSubcommand)?)
        }
        ErrorKind::InvalidValue => {
            let (arg, value) = (one(ContextKind::InvalidArg)?, one(ContextKind::InvalidValue)?);
            let valid = words(error, ContextKind::ValidValue);
            let valid = if valid.is_empty() {
                String::new()
            } else {
                format!("（使える値: {}）", valid.join("、"))
            };
            if value.is_empty() {
                format!("`{arg}`に値がありません{valid}")
            } else {
                format!("`{arg}`に`{value}`は使えません{valid}")
            }
        }
        ErrorKind::ValueValidation => {
            let source = error.source();
            let said = source.and_then(|source| source.downcast_ref::<Unusable>());
            let why = match (said, source.map(ToString::to_string).as_deref().and_then(range)) {
                (Some(Unusable(said)), _) => format!("（{}）", said.get(Lang::Ja)),
                (None, Some((low, high))) => format!("（{low}から{high}まで）"),
                (None, None) => "（数の書き方か範囲が違います）".to_owned(),
            };
            let (arg, value) = (one(ContextKind::InvalidArg)?, one(ContextKind::InvalidValue)?);
            format!("`{arg}`に`{value}`は使えません{why}")
        }
        ErrorKind::MissingRequiredArgument => {
            let missing: Vec<String> =
                words(error, ContextKind::InvalidArg).iter().map(|arg| format!("`{arg}`")).collect();
            format!("{}がありません", missing.join("と"))
        }
        ErrorKind::ArgumentConflict => {
            let (arg, prior) = (one(ContextKind::InvalidArg)?, words(error, ContextKind::PriorArg));
            if prior.is_empty() || prior.contains(&arg) {
                format!("`{arg}`は一度しか指定できません")
            } else {
                format!("`{arg}`は`{}`と一緒には指定できません", prior.join("`、`"))
            }
        }
        _ => return None,
    };
    Some(said)
}

/// A number below zero looks like an option to the parser.
fn negative(error: &clap::Error) -> Option<(String, String)> {
    let word = words(error, ContextKind::InvalidArg).into_iter().next()?;
    if error.kind() != ErrorKind::UnknownArgument
        || !word.starts_with('-')
        || !word[1..].starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    Some((
        format!("`{word}`は使えません。ここに書けるのは0以上の数です"),
        format!("`{word}` cannot be used here: numbers are 0 or more"),
    ))
}

fn words(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(word)) => vec![word.clone()],
        Some(ContextValue::Strings(words)) => words.clone(),
        _ => Vec::new(),
    }
}

fn usage(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::Usage)? {
        ContextValue::StyledStr(usage) => Some(usage.to_string().replacen("Usage:", "使い方:", 1)),
        _ => None,
    }
}

/// Both ends of a range that the parser names: `0 is not in 1..=20`.
fn range(text: &str) -> Option<(String, String)> {
    let (low, high) = text.split_once(" is not in ")?.1.split_once("..")?;
    let high = match high.strip_prefix('=') {
        Some(high) => high.to_owned(),
        None => high.parse::<i128>().ok()?.checked_sub(1)?.to_string(),
    };
    Some((low.to_owned(), high))
}

//! Subjects of NATS: words with dots between them. In a filter `*` stands for one word and `>` for all that
//! follow, one at least.

/// Whether a text is a subject on which messages can come.
pub fn is_subject(text: &str) -> bool {
    words(text) && text.split('.').all(|word| !matches!(word, "*" | ">"))
}

/// Whether a text is a filter that can fit a subject.
pub fn is_filter(text: &str) -> bool {
    words(text) && text.split('.').rev().skip(1).all(|word| word != ">")
}

fn words(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_plain =
            !word.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '*' | '>'));
        !word.is_empty() && (is_plain || matches!(word, "*" | ">"))
    };
    text.split('.').all(is_word)
}

/// Whether a filter fits a subject; or, of another filter, every subject that the other one fits.
pub fn fits(filter: &str, subject: &str) -> bool {
    let mut words = subject.split('.');
    for part in filter.split('.') {
        match (part, words.next()) {
            (">", Some(_)) => return true,
            ("*", Some(word)) if word != ">" => {}
            (part, Some(word)) if part == word => {}
            _ => return false,
        }
    }
    words.next().is_none()
}

/// Whether two filters fit a subject in common.
pub fn meet(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        match (one.next(), other.next()) {
            (None, None) | (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some(a), Some(b)) if a == b || a == "*" || b == "*" => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_and_filters_are_told_apart() {
        for (text, subject, filter) in [
            ("plant.press", true, true),
            ("工場.プレス-1", true, true),
            ("$plant.a_b", true, true),
            ("plant.*", false, true),
            ("plant.*.power", false, true),
            ("plant.>", false, true),
            (">", false, true),
            ("plant.>.power", false, false),
            ("plant.pre*", false, false),
            ("plant..press", false, false),
            ("plant.", false, false),
            ("", false, false),
            ("plant press", false, false),
        ] {
            assert_eq!((is_subject(text), is_filter(text)), (subject, filter), "{text}");
        }
    }

    #[test]
    fn filters_fit_word_by_word() {
        for (filter, subject, expected) in [
            ("plant.press", "plant.press", true),
            ("plant.press", "plant.press.power", false),
            ("plant.*", "plant.press", true),
            ("plant.*", "plant.press.power", false),
            ("plant.*", "plant", false),
            ("plant.*.power", "plant.press.power", true),
            ("plant.>", "plant.press.power", true),
            ("plant.>", "plant", false),
            (">", "plant", true),
            // Of filters: every subject that the second one fits.
            ("plant.>", "plant.*", true),
            ("plant.*", "plant.>", false),
            ("plant.*", "plant.*", true),
            ("plant.press", "plant.*", false),
            (">", ">", true),
        ] {
            assert_eq!(fits(filter, subject), expected, "{filter} {subject}");
        }
    }

    #[test]
    fn filters_meet_where_a_subject_fits_both() {
        for (one, other, expected) in [
            ("plant.press", "plant.mill", false),
            ("plant.*", "*.mill", true),
            ("plant.*", "plant.mill.power", false),
            ("plant.>", "plant", false),
            ("plant.>", "*.mill.power", true),
            (">", "a", true),
            ("a.*.c", "a.b.>", true),
        ] {
            assert_eq!((meet(one, other), meet(other, one)), (expected, expected), "{one} {other}");
        }
    }
}

//! Words of machines for how they execute a program.
//!
//! Machines say so under many names, `Mode` and `モード` among them, under which others tell how they are operated:
//! automatically or by hand. The words themselves tell the two apart.

use std::collections::BTreeSet;

use crate::number::narrow;

/// A program runs.
const WORKS: [&str; 26] = [
    "active",
    "running",
    "run",
    "executing",
    "incycle",
    "cutting",
    "machining",
    "processing",
    "producing",
    "production",
    "working",
    "busy",
    "運転",
    "運転中",
    "自動運転",
    "自動運転中",
    "稼働",
    "稼働中",
    "稼動",
    "稼動中",
    "加工",
    "加工中",
    "実行中",
    "生産中",
    "作業中",
    "動作中",
];

/// None runs, or it is held.
const RESTS: [&str; 62] = [
    "ready",
    "idle",
    "idling",
    "stop",
    "stopped",
    "setup",
    "settingup",
    "changeover",
    "standby",
    "wait",
    "waiting",
    "hold",
    "held",
    "feedhold",
    "interrupted",
    "pause",
    "paused",
    "programstopped",
    "programcompleted",
    "programoptionalstop",
    "optionalstop",
    "completed",
    "complete",
    "finished",
    "done",
    "end",
    "alarm",
    "error",
    "fault",
    "down",
    "off",
    "emergency",
    "emergencystop",
    "estop",
    "maintenance",
    "unavailable",
    "unknown",
    "停止",
    "停止中",
    "休止",
    "休止中",
    "待機",
    "待機中",
    "材料待ち",
    "段取",
    "段取り",
    "段取中",
    "段取り中",
    "段取り替え",
    "準備",
    "準備中",
    "休憩",
    "休憩中",
    "一時停止",
    "中断",
    "異常",
    "アラーム",
    "非常停止",
    "終了",
    "完了",
    "保全",
    "調整中",
];

/// The letters and digits of a word, small and narrow.
fn plain(word: &str) -> String {
    word.chars().map(narrow).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a word says that a program runs.
pub(super) fn works(word: &str) -> bool {
    WORKS.contains(&plain(word).as_str())
}

/// Whether words are those of a machine that executes a program now and rests then, and none else.
pub(super) fn is_told_by(words: &BTreeSet<String>) -> bool {
    let known: Vec<String> = words.iter().map(|word| plain(word)).filter(|word| !word.is_empty()).collect();
    let works = |word: &String| WORKS.contains(&word.as_str());
    let rests = |word: &String| RESTS.contains(&word.as_str());
    known.iter().any(works) && known.iter().any(rests) && known.iter().all(|word| works(word) || rests(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_program_that_runs_are_told_from_those_of_modes() {
        for (words, expected) in [
            (&["ACTIVE", "READY", "SETUP"][..], true),
            (&["In Cycle", "FEED_HOLD", "Alarm"], true),
            (&["自動運転", "段取り", "停止"], true),
            (&["稼働中", "材料待ち"], true),
            (&["AUTOMATIC", "MANUAL", "MANUAL_DATA_INPUT"], false),
            (&["AUTO", "JOG", "EDIT"], false),
            (&["自動", "手動"], false),
            (&["自動運転", "手動運転"], false),
            // One word alone is not known to change, and others may mean anything.
            (&["ACTIVE"], false),
            (&["READY", "STOPPED"], false),
            (&["RUN", "STOP", "JOG"], false),
            (&[], false),
        ] {
            let words: BTreeSet<String> = words.iter().map(ToString::to_string).collect();
            assert_eq!(is_told_by(&words), expected, "{words:?}");
        }
    }
}

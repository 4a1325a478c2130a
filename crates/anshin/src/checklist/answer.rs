//! Answering in the terminal, one item at a time. Works the same with a pipe.

use std::io::BufRead as _;

use anshin_checklist::csv::half_width;
use anshin_checklist::{
    Checklist, Choice, Evidence, Given, Item, Kind, OutOfScope, Round, Scale, Section, Who, fits, moved_text,
    plain_words, score::worth, set_answer,
};
use anshin_model::{Id, Text};
use unicode_width::UnicodeWidthStr as _;

use super::args::{AnswerArgs, WhoArg};
use super::{Desk, new, score, write_text};
use crate::End;
use crate::clock::today;
use crate::input::Failure;
use crate::output::{Output, wrap};

/// What a person says to a question.
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
enum Said {
    /// An answer.
    Answer(Given),
    /// To the item before.
    Back,
    /// To the next item.
    Skip,
    /// No more for now.
    Stop,
}

/// Asks items until all are answered or the person stops.
pub(super) fn run(args: &AnswerArgs, desk: Desk<'_>) -> Result<End, Failure> {
    let mut round = desk.answers(&args.file)?.round.ok_or(Failure::Input)?;
    let mut text = new::text_of(&args.file)?;
    if let Some(moved) = &round.moved {
        text = moved_text(&text, &round).map_err(new::cannot_edit)?;
        write_text(&args.file, &text)?;
        new::tell(&round, moved, desk);
        round = desk.answers(&args.file)?.round.ok_or(Failure::Input)?;
    }
    for id in &args.item {
        if round.list.item(id).is_none() {
            let list = &round.list.id;
            return Err(Failure::new(
                format!("`{list}`に項目`{id}`はありません。`anshin checklist show {list}`が項目を示します"),
                format!("`{list}` has no item `{id}`; `anshin checklist show {list}` shows the items"),
            ));
        }
    }
    let date = args.date.clone().unwrap_or_else(today);
    let talk = Talk { output: desk.output, list: round.list.clone() };
    let mut passed: Vec<Id> = Vec::new();
    // The choices whose meaning has been shown in this sitting.
    let mut explained: Vec<Vec<&Id>> = Vec::new();
    let mut again: Option<Id> = None;
    if asks_next(&round, args, &passed).is_some() {
        talk.begin();
    }
    while let Some(id) = again.take().or_else(|| asks_next(&round, args, &passed)) {
        let Some((section, item)) = talk.list.item(id.as_str()) else { break };
        let asked = round.asked();
        let at = asked.iter().position(|(_, own, _)| own.id == id).map_or(1, |n| n + 1);
        let names: Vec<&Id> = talk.list.scale(item).options.iter().map(|option| &option.id).collect();
        let is_new = !explained.contains(&names);
        if is_new {
            explained.push(names);
        }
        match talk.ask(section, item, round.given.get(&id), (at, asked.len()), is_new)? {
            Said::Stop => break,
            Said::Skip => passed.push(id),
            Said::Back => {
                again = Some(passed.pop().unwrap_or_else(|| {
                    desk.output.say(&Text::new("これが最初の質問です", "this is the first question"));
                    id
                }));
            }
            Said::Answer(mut given) => {
                given.date = Some(date.clone());
                given.by = args.by.clone().or(given.by);
                text = set_answer(&text, &given).map_err(new::cannot_edit)?;
                write_text(&args.file, &text)?;
                if let Some(explanation) = &item.explanation {
                    talk.explain(item, &given, explanation);
                }
                round.given.insert(id.clone(), given);
                passed.push(id);
            }
        }
    }
    score::brief(&round, &args.file, desk)
}

/// The next item to ask: in the order of the checklist, not passed in this sitting.
fn asks_next(round: &Round, args: &AnswerArgs, passed: &[Id]) -> Option<Id> {
    let wanted = |section: &Section, item: &Item, given: Option<&Given>| {
        let named = args.item.iter().any(|id| item.id == *id.as_str());
        let open = given.is_none_or(|given| given.proposed);
        let by = round.list.who(section, item);
        let side = args.who.is_none_or(|who| by.is_empty() || by.contains(&side(who)));
        side && if args.item.is_empty() { args.all || open } else { named }
    };
    let asked = round.asked();
    let next = asked
        .into_iter()
        .find(|(section, item, given)| !passed.contains(&item.id) && wanted(section, item, *given))?;
    Some(next.1.id.clone())
}

fn side(who: WhoArg) -> Who {
    match who {
        WhoArg::Management => Who::Management,
        WhoArg::It => Who::It,
        WhoArg::Ot => Who::Ot,
        WhoArg::Developer => Who::Developer,
        WhoArg::Staff => Who::Staff,
        WhoArg::Supplier => Who::Supplier,
    }
}

/// The talk with the person: questions go to standard error, answers come from standard input.
struct Talk {
    output: Output,
    list: Checklist,
}

/// Columns of a line of the talk.
const WIDTH: usize = 88;

impl Talk {
    fn begin(&self) {
        let has_examples = self.list.items().any(|(_, item)| item.example.is_some());
        let example = if has_examples { Text::new("e=例 ", "e=example ") } else { Text::default() };
        let keys = Text::new(
            "番号か語で答えます。?=説明 {example}u=分からない o=対象外 +文=エビデンス s=飛ばす b=戻る q=中断（答えは保存済み）",
            "Answer with a number or word. ?=help {example}u=unknown o=out of scope +words=evidence s=skip b=back q=stop (answers are saved)",
        );
        self.output.say(&keys.fill(&[("example", &example)]));
    }

    fn line(&self, indent: usize, text: &str) {
        for line in wrap(text, WIDTH - indent) {
            self.output.say_raw(&format!("{}{line}\n", " ".repeat(indent)));
        }
    }

    /// The choices: with what they mean the first time, then on one line if there is room.
    fn options(&self, scale: &Scale, is_new: bool) {
        let lang = self.output.lang;
        let name = |(option, n): (&Choice, usize)| {
            let name = option.name.get(lang);
            // Levels that begin with their number need no second one.
            let own = name.strip_prefix(&n.to_string()).is_some_and(|rest| rest.starts_with([':', '：']));
            if own { name.to_owned() } else { format!("{n}) {name}") }
        };
        let names: Vec<String> = scale.options.iter().zip(1..).map(name).collect();
        let line = names.join("   ");
        if (!is_new || scale.options.iter().all(|option| option.about.is_none())) && line.width() < WIDTH {
            self.line(3, &line);
            return;
        }
        for (name, option) in names.iter().zip(&scale.options) {
            let about = option.about.as_ref().filter(|_| is_new);
            let about = about.map(|about| format!(" — {}", about.get(lang))).unwrap_or_default();
            self.line(3, &format!("{name}{about}"));
        }
    }

    /// Asks one item until there is something to go on with.
    fn ask(
        &self,
        section: &Section,
        item: &Item,
        before: Option<&Given>,
        (at, all): (usize, usize),
        is_new: bool,
    ) -> Result<Said, Failure> {
        let (output, lang) = (self.output, self.output.lang);
        let scale = self.list.scale(item);
        output.say_raw(&format!("\n[{at}/{all}] {}\n", section.title.get(lang)));
        let label = if item.number.is_some() { format!("{}  ", item.label()) } else { String::new() };
        self.line(0, &format!("{label}{}", item.text.get(lang)));
        let who = self.list.who(section, item);
        if !who.is_empty() {
            let names: Vec<String> = who.iter().map(|who| who.name().get(lang).to_owned()).collect();
            let names = names.join(output.word("、", ", "));
            output.say_raw(&format!("   ({}: {names})\n", output.word("答える人", "who answers")));
        }
        self.options(scale, is_new);
        let form = match scale.kind {
            Kind::Many => Some(Text::new(
                "当てはまる番号を空白で区切って",
                "the numbers that apply, with spaces between",
            )),
            Kind::Number => Some(match &scale.unit {
                Some(unit) => Text::new("数（{unit}）", "a number ({unit})").fill(&[("unit", unit)]),
                None => Text::new("数", "a number"),
            }),
            Kind::Date => Some(Text::new("日付（2026-04-01の形）", "a date, such as 2026-04-01")),
            Kind::Text => {
                Some(Text::new("文（?などの1文字はそのまま命令）", "words; single letters are commands"))
            }
            Kind::One => None,
        };
        if let Some(form) = form {
            output.say_raw(&format!("   {}\n", form.get(lang)));
        }
        let mut given = Given::new(item.id.clone());
        if let Some(before) = before {
            given.evidence.clone_from(&before.evidence);
            given.note.clone_from(&before.note);
            given.until.clone_from(&before.until);
            if before.is_answered() {
                let value = self.words(item, before);
                let why = before.because.as_ref().filter(|_| before.proposed);
                let why = why.map(|why| format!(" — {}", why.get(lang))).unwrap_or_default();
                let label = if before.proposed {
                    output.word("提案", "proposed")
                } else {
                    output.word("今の答え", "so far")
                };
                self.line(3, &format!("{label}: {value}{why}"));
                output.say_raw(&format!("   {}\n", output.word("Enterでこのまま確定", "Enter confirms it")));
            } else if let Some(hint) = before.hint() {
                self.line(3, &format!("{}: {}", output.word("手がかり", "to find out"), hint.get(lang)));
            }
        }
        loop {
            let Some(line) = self.read()? else { return Ok(Said::Stop) };
            let word = line.strip_prefix(':').unwrap_or(&line);
            // Single letters are commands, in full width as well.
            let half = typed(word);
            let word = if half.chars().count() == 1 { half.as_str() } else { word };
            match word {
                "" => match before.filter(|before| before.is_answered()) {
                    Some(before) => {
                        return Ok(Said::Answer(Given {
                            proposed: false,
                            because: None,
                            evidence: given.evidence,
                            ..before.clone()
                        }));
                    }
                    None => output.say(&Text::new(
                        "答えを選んでください。飛ばすときは`s`です",
                        "please choose an answer; `s` skips the question",
                    )),
                },
                "?" => self.help(item),
                "e" => self.example(item),
                "b" => return Ok(Said::Back),
                "s" => return Ok(Said::Skip),
                "q" => return Ok(Said::Stop),
                "u" => {
                    // A scale may have a word of its own for it, with points of its own.
                    let own = scale
                        .options
                        .iter()
                        .find(|option| option.means == Some(anshin_checklist::Means::Unknown));
                    given.value =
                        vec![own.map_or(anshin_checklist::UNKNOWN.to_owned(), |own| own.id.to_string())];
                    return Ok(Said::Answer(given));
                }
                "o" if scale.out_of_scope == OutOfScope::Forbidden => output
                    .say(&Text::new("この質問は対象外にできません", "this question cannot be out of scope")),
                "o" => {
                    given.out_of_scope = true;
                    if !self.reason(&mut given)? {
                        return Ok(Said::Stop);
                    }
                    return Ok(Said::Answer(given));
                }
                _ if word.starts_with('+') => {
                    let what = word[1..].trim();
                    if what.is_empty() {
                        output.say(&Text::new(
                            "`+`に続けてエビデンスを書いてください",
                            "write the evidence behind the `+`",
                        ));
                    } else {
                        given.evidence.push(Evidence { what: Text::same(what), at: None, date: None });
                        output.say(&Text::new(
                            "エビデンスを加えました。答えをどうぞ",
                            "evidence added; now the answer",
                        ));
                    }
                }
                _ => match self.understand(item, word) {
                    Ok(value) => {
                        given.value = value;
                        let asks = |option: &Choice| {
                            option.reason && given.value.iter().any(|word| option.id == *word.as_str())
                        };
                        if scale.options.iter().any(asks) && !self.reason(&mut given)? {
                            return Ok(Said::Stop);
                        }
                        return Ok(Said::Answer(given));
                    }
                    Err(message) => output.say(&message),
                },
            }
        }
    }

    /// The answer that a line holds, in the words of files.
    fn understand(&self, item: &Item, line: &str) -> Result<Vec<String>, Text> {
        let scale = self.list.scale(item);
        let words: Vec<String> = match scale.kind {
            Kind::Many => {
                line.split([' ', ',', '、', '\u{3000}']).filter(|word| !word.is_empty()).map(typed).collect()
            }
            Kind::One | Kind::Number | Kind::Date => vec![typed(line)],
            Kind::Text => return Ok(vec![line.to_owned()]),
        };
        words
            .into_iter()
            .map(|word| {
                // The number in the list comes before an option that is named by a number.
                let by_number = word.parse::<usize>().ok().and_then(|n| scale.options.get(n.checked_sub(1)?));
                let meant = by_number.or_else(|| scale.option_meant(&word));
                let word = meant.map_or(word, |option| option.id.to_string());
                fits(&self.list, item, &word).map(|()| word).map_err(|misfit| {
                    Text::new("{message}（{hint}）", "{message} ({hint})")
                        .fill(&[("message", &misfit.message), ("hint", &misfit.hint)])
                })
            })
            .collect()
    }

    /// Asks for a reason; `false` if the input has ended.
    fn reason(&self, given: &mut Given) -> Result<bool, Failure> {
        self.output.say(&Text::new("その理由は。", "For what reason?"));
        loop {
            let Some(line) = self.read()? else { return Ok(false) };
            if !line.is_empty() {
                given.reason = Some(Text::same(line));
                return Ok(true);
            }
            self.output.say(&Text::new(
                "短くてよいので理由を書いてください",
                "a few words are enough, but please write them",
            ));
        }
    }

    fn help(&self, item: &Item) {
        let lang = self.output.lang;
        match &item.help {
            Some(help) => self.line(3, help.get(lang)),
            None => self.output.say(&Text::new("説明はありません", "there is no help for this question")),
        }
        for option in &self.list.scale(item).options {
            if let Some(about) = &option.about {
                self.line(3, &format!("{}: {}", option.name.get(lang), about.get(lang)));
            }
        }
        for evidence in &item.evidence {
            self.line(
                3,
                &format!(
                    "{}: {}",
                    self.output.word("エビデンスの例", "typical evidence"),
                    evidence.get(lang)
                ),
            );
        }
    }

    fn example(&self, item: &Item) {
        match &item.example {
            Some(example) => self.line(3, example.get(self.output.lang)),
            None => self.output.say(&Text::new("例はありません", "there is no example for this question")),
        }
    }

    fn explain(&self, item: &Item, given: &Given, explanation: &Text) {
        let worth = worth(&self.list, item, Some(given));
        if let (Some(points), Some(most)) = (worth.points, worth.most) {
            let mark = if points >= most {
                self.output.word("正解", "right")
            } else {
                self.output.word("不正解", "not right")
            };
            self.line(3, mark);
        }
        self.line(3, explanation.get(self.output.lang));
    }

    /// An answer in words for people.
    fn words(&self, item: &Item, given: &Given) -> String {
        super::show::answer_words(&self.list, item, given, self.output)
    }

    /// The next line; `None` at the end of the input.
    fn read(&self) -> Result<Option<String>, Failure> {
        self.output.say_raw("> ");
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(0) => {
                self.output.say_raw("\n");
                Ok(None)
            }
            Ok(_) => Ok(Some(plain_words(&line))),
            Err(error) => Err(Failure::new(
                format!("入力を読めません（{error}）。ここまでの答えは保存してあります"),
                format!("cannot read the input ({error}); the answers so far are saved"),
            )),
        }
    }
}

/// A word as it is meant: Japanese input methods write letters and digits in full width.
fn typed(word: &str) -> String {
    half_width(word).trim().to_owned()
}

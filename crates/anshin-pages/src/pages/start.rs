//! The guided start: one question after the other, with the picture growing beside it.

use std::fmt::Write as _;

use anshin_guide::{Answers, Form, Guide, Question};
use maud::{Markup, html};

use crate::chrome::{Chrome, Page, Room, encode};
use crate::desk::Desk;

/// Answers out of the pairs of a query; what no question knows is left out.
pub fn answers_of<'p>(guide: &Guide, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Answers {
    let mut answers = Answers::default();
    for (key, value) in pairs {
        if guide.questions.iter().any(|question| question.id == *key) {
            answers.add(key, value);
        }
    }
    guide.clean(&answers)
}

/// The query of answers, without one of them.
fn query(answers: &Answers, without: Option<&str>) -> String {
    let mut out = String::new();
    for (question, words) in answers.iter().filter(|(question, _)| Some(*question) != without) {
        let words: Vec<&str> =
            if words.is_empty() { vec![""] } else { words.iter().map(String::as_str).collect() };
        for word in words {
            let mark = if out.is_empty() { '?' } else { '&' };
            let _ = write!(out, "{mark}{question}={}", encode(word));
        }
    }
    out
}

fn hidden(answers: &Answers, without: &str) -> Markup {
    html! {
        @for (question, words) in answers.iter().filter(|(question, _)| *question != without) {
            @if words.is_empty() { input type="hidden" name=(question) value=""; }
            @for word in words { input type="hidden" name=(question) value=(word); }
        }
    }
}

/// The guided start after some answers. `asked` is a question to answer again.
pub fn start(chrome: &Chrome<'_>, desk: &Desk, answers: &Answers, asked: Option<&str>) -> String {
    let guide = &desk.guide;
    let again = asked.and_then(|id| guide.asked(answers).find(|question| question.id == *id));
    let question = again.or_else(|| guide.next(answers));
    let all = guide.asked(answers).count();
    let at = guide.asked(answers).take_while(|q| question.is_some_and(|own| own.id != q.id)).count();
    let body = html! {
        div.title { h1 { (chrome.say("新しいシステム", "New system")) } }
        div.start {
            section.card.large {
                @if let Some(question) = question {
                    div {
                        p.small.soft { (chrome.say("質問 ", "Question ")) (at + 1) " / " (all) }
                        progress value=(at) max=(all) aria-label=(chrome.say("進み具合", "Progress")) {}
                    }
                    (ask(chrome, answers, question))
                    @if at > 0 {
                        @let before = guide.asked(answers).nth(at - 1);
                        @if let Some(before) = before {
                            p { a href={ "/new" (query(answers, None)) "&ask=" (before.id) } { (chrome.say("← 前の質問へ", "← Back to the question before")) } }
                        }
                    }
                } @else { (finish(chrome, answers)) }
            }
            div.aside #growing { (growing(chrome, desk, answers)) (so_far(chrome, guide, answers)) }
        }
        @if at == 0 && question.is_some() && again.is_none() {
            section.card {
                h2 { (chrome.say("ほかの始め方", "Other ways to begin")) }
                ul {
                    li { (chrome.say("手元の文書（YAML）がある: ", "You have a document (YAML): ")) a href="/new/text" { (chrome.say("貼り付けて始める", "paste it")) } }
                }
            }
        }
    };
    let page = Page::new(chrome.say("新しいシステム", "New system"), Room::Systems, body).script("live.js");
    chrome.page(&page)
}

fn ask(chrome: &Chrome<'_>, answers: &Answers, question: &Question) -> Markup {
    let lang = chrome.lang;
    let given = answers.given(question.id.as_str()).unwrap_or_default();
    let has = |id: &str| given.iter().any(|word| word == id);
    html! {
        form.form method="get" action="/new" data-grows="#growing" {
            (hidden(answers, question.id.as_str()))
            @if question.form == Form::Line {
                div.field {
                    label.ask for="answer" { (question.ask.get(lang)) }
                    span.help #about { (question.help.get(lang)) }
                    input #answer name=(question.id) required maxlength="120" autofocus aria-describedby="about"
                        value=(given.first().map_or("", String::as_str))
                        placeholder=(question.example.as_ref().map_or("", |example| example.get(lang)));
                }
            } @else {
                fieldset.form {
                    legend { h2.ask { (question.ask.get(lang)) } }
                    p.help { (question.help.get(lang)) }
                    @if question.form == Form::Many { input type="hidden" name=(question.id) value=""; }
                    div.choices {
                        @for option in &question.options {
                            label.choice {
                                @if question.form == Form::One {
                                    input type="radio" name=(question.id) value=(option.id) required checked[has(option.id.as_str())];
                                } @else {
                                    input type="checkbox" name=(question.id) value=(option.id) checked[has(option.id.as_str())];
                                }
                                span {
                                    (option.name.get(lang))
                                    @if let Some(example) = &option.example { br; span.help { (example.get(lang)) } }
                                }
                            }
                        }
                    }
                }
            }
            div.acts { button.main { (chrome.say("次へ", "Next")) } }
        }
    }
}

fn finish(chrome: &Chrome<'_>, answers: &Answers) -> Markup {
    html! {
        h2.ask { (chrome.say("これで最初の評価ができます", "That is enough for a first assessment")) }
        p { (chrome.say(
            "右の図と答えを確かめてください。推測で補った所は、あとから直せます。",
            "Look at the picture and your answers. What was guessed can be corrected afterwards.")) }
        form method="post" action="/new" {
            (chrome.token())
            (hidden(answers, ""))
            div.acts { button.main { (chrome.say("作成して評価する", "Create and assess")) } }
        }
    }
}

/// The picture of what is known so far.
pub fn growing(chrome: &Chrome<'_>, desk: &Desk, answers: &Answers) -> Markup {
    let text = desk.guide.document(answers, chrome.lang);
    html! {
        div.picture {
            @match desk.open(&text) {
                Ok(opened) => (chrome.picture(&desk.with(&opened, |subject| anshin_report::system_diagram(subject, chrome.lang)))),
                Err(_) => p.soft { (chrome.say(
                    "答えるにつれて、ここにシステムの図が育ちます。",
                    "The picture of your system grows here as you answer.")) },
            }
        }
    }
}

fn so_far(chrome: &Chrome<'_>, guide: &Guide, answers: &Answers) -> Markup {
    let lang = chrome.lang;
    let words = |question: &Question, given: &[String]| -> String {
        if question.form == Form::Line {
            return given.join(" ");
        }
        let chosen = question.options.iter().filter(|option| given.iter().any(|word| option.id == **word));
        let chosen: Vec<&str> = chosen.map(|option| option.name.get(lang)).collect();
        if chosen.is_empty() {
            chrome.say("なし", "none").to_owned()
        } else {
            chosen.join(chrome.say("、", "; "))
        }
    };
    html! {
        @if answers.iter().next().is_some() {
            section.card aria-labelledby="so-far" {
                h2 #so-far { (chrome.say("これまでの答え", "Your answers so far")) }
                dl.answers {
                    @for question in guide.asked(answers) {
                        @if let Some(given) = answers.given(question.id.as_str()) {
                            div {
                                dt { (question.ask.get(lang)) }
                                dd { (words(question, given)) }
                                dd { a href={ "/new" (query(answers, None)) "&ask=" (question.id) } {
                                    (chrome.say("変える", "Change")) span.unseen { ": " (question.ask.get(lang)) }
                                } }
                            }
                        }
                    }
                }
            }
        }
    }
}

//! Checklists from elsewhere: libraries of CISO Assistant, and tables of a user who has the
//! official list.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anshin_model::diagnostic::{Code, Diagnostic};
use anshin_model::tree::{self, Node, Sources};
use anshin_model::{Lang, Text, id};

use crate::checklist::Checklist;
use crate::read::{File, LIMITS};

/// A checklist that was made of something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its id.
    pub id: String,
    /// The text of its file.
    pub yaml: String,
    /// What could not be taken over, for people.
    pub left: Vec<Text>,
}

/// What is wrong with something that should be imported.
#[derive(Debug)]
pub struct Refused {
    /// The file.
    pub sources: Sources,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

fn quoted(word: &str) -> String {
    serde_json::Value::from(word.trim()).to_string()
}

/// A text, with its translation where there is one.
fn text(node: &Node, key: &str, lang: Lang) -> Option<String> {
    let own = words(node, key)?;
    let other = if lang == Lang::Ja { "en" } else { "ja" };
    let translated = node.get("translations").and_then(|all| all.get(other)).and_then(|all| words(all, key));
    Some(match translated {
        Some(translated) => {
            format!("{{ {}: {}, {other}: {} }}", lang.code(), quoted(own), quoted(translated))
        }
        None => quoted(own),
    })
}

fn words<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Node::scalar).map(str::trim).filter(|word| !word.is_empty())
}

/// An id that is well formed and not in use yet.
fn fresh(wanted: &str, used: &mut BTreeMap<String, usize>) -> String {
    let plain: String = wanted
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' })
        .take(60)
        .collect();
    let mut plain = plain.replace("..", ".");
    while plain.contains("--") {
        plain = plain.replace("--", "-");
    }
    let plain: Vec<&str> =
        plain.split('.').map(|part| part.trim_matches('-')).filter(|part| !part.is_empty()).collect();
    let plain = plain.join(".");
    let base = if id::is_path(&plain) { plain } else { "item".to_owned() };
    let count = used.entry(base.clone()).or_insert(0);
    *count += 1;
    if *count == 1 {
        return base;
    }
    let numbered = format!("{base}-{count}");
    fresh(&numbered, used)
}

/// Where an id that is used elsewhere ends: the part of a urn behind the last colon.
fn tail(urn: &str) -> &str {
    urn.rsplit(':').next().unwrap_or(urn)
}

/// Makes a checklist of a library of CISO Assistant: its framework with requirement nodes, scores,
/// implementation groups, questions and translations, and its mappings as links.
///
/// # Errors
/// What is wrong with the file, with the place.
pub fn from_ciso(file: File) -> Result<Imported, Refused> {
    let mut sources = Sources::default();
    let refuse = |sources, diagnostic| Err(Refused { sources, diagnostics: vec![diagnostic] });
    let text = match tree::decode(file.bytes, LIMITS) {
        Ok(text) => text,
        Err((code, message, hint)) => {
            return refuse(sources, Diagnostic::error(code, message).hint_if(hint));
        }
    };
    let number = sources.add(file.name, text);
    let root = match tree::parse(&sources, number, LIMITS) {
        Ok((root, _)) => root,
        Err(error) => return refuse(sources, *error),
    };
    let objects = root.get("objects").unwrap_or(&root);
    let framework =
        objects.get("framework").or_else(|| objects.get("frameworks").and_then(|all| all.items().first()));
    let nodes = framework.and_then(|framework| framework.get("requirement_nodes"));
    let Some((framework, nodes)) = framework.zip(nodes).filter(|(_, nodes)| !nodes.items().is_empty()) else {
        let wrong = Diagnostic::error(
            Code::MissingKey,
            Text::new(
                "`objects.framework.requirement_nodes`がありません",
                "there is no `objects.framework.requirement_nodes`",
            ),
        )
        .at(root.span)
        .hint(Text::new(
            "CISO Assistantのライブラリ（枠組みを含むもの）を指定してください",
            "name a library of CISO Assistant that has a framework in it",
        ));
        return refuse(sources, wrong);
    };
    Ok(Ciso::new(&root, objects, framework, nodes.items()).run())
}

struct Ciso<'a> {
    root: &'a Node,
    objects: &'a Node,
    framework: &'a Node,
    nodes: &'a [Node],
    lang: Lang,
    used: BTreeMap<String, usize>,
    /// Urn to id, of nodes and questions.
    ids: BTreeMap<String, String>,
    left: Vec<Text>,
    out: String,
}

impl<'a> Ciso<'a> {
    fn new(root: &'a Node, objects: &'a Node, framework: &'a Node, nodes: &'a [Node]) -> Self {
        let lang = if words(root, "locale") == Some("ja") { Lang::Ja } else { Lang::En };
        Self {
            root,
            objects,
            framework,
            nodes,
            lang,
            used: BTreeMap::new(),
            ids: BTreeMap::new(),
            left: Vec::new(),
            out: String::new(),
        }
    }

    fn line(&mut self, indent: usize, words: &str) {
        let _ = writeln!(self.out, "{}{words}", " ".repeat(indent));
    }

    /// A key with a text, if there is one.
    fn put(&mut self, indent: usize, key: &str, from: &Node, name: &str) {
        if let Some(text) = text(from, name, self.lang) {
            self.line(indent, &format!("{key}: {text}"));
        }
    }

    fn run(mut self) -> Imported {
        let root = self.root;
        let wanted = words(self.framework, "ref_id").or(words(root, "ref_id")).unwrap_or("imported");
        let id = fresh(wanted, &mut BTreeMap::new());
        let version = words(root, "version").unwrap_or("1");
        self.line(0, "anshin-checklist: 1");
        self.line(0, &format!("id: {id}"));
        self.line(0, &format!("version: {}", quoted(version)));
        let title = text(self.framework, "name", self.lang).or_else(|| text(root, "name", self.lang));
        let title = title.unwrap_or_else(|| quoted(&id));
        self.line(0, &format!("title: {title}"));
        let about =
            text(self.framework, "description", self.lang).or_else(|| text(root, "description", self.lang));
        self.line(0, &format!("about: {}", about.unwrap_or(title)));
        self.put(0, "publisher", root, "provider");
        self.put(0, "licence", root, "copyright");
        if let Some(urn) = words(self.framework, "urn").or(words(root, "urn")) {
            self.line(0, &format!("urn: {}", quoted(urn)));
        }
        self.line(0, "basis: stated");
        self.groups();
        self.scale();
        self.sections();
        self.line(0, "scores:");
        self.line(2, "- { id: total, name: { ja: \"達成率\", en: \"Fulfilled\" }, method: percent }");
        self.mappings();
        Imported { id, yaml: self.out, left: self.left }
    }

    /// Implementation groups are levels of use.
    fn groups(&mut self) {
        let all = self.framework.get("implementation_groups_definition").map_or(&[][..], Node::items);
        if all.is_empty() {
            return;
        }
        self.line(0, "levels:");
        for group in all {
            let Some(name) = words(group, "ref_id") else { continue };
            let id = fresh(name, &mut BTreeMap::new());
            self.ids.insert(format!("group {name}"), id.clone());
            let title = text(group, "name", self.lang).unwrap_or_else(|| quoted(name));
            let about = text(group, "description", self.lang).map(|about| format!(", about: {about}"));
            self.line(2, &format!("- {{ id: {id}, name: {title}{} }}", about.unwrap_or_default()));
        }
    }

    /// The scale of the framework's scores; compliance where it has none.
    fn scale(&mut self) {
        let scores = self.framework.get("scores_definition").map_or(&[][..], Node::items);
        self.line(0, "scales:");
        self.line(2, "- id: result");
        self.line(4, "type: one");
        self.line(4, "out-of-scope: excluded");
        self.line(4, "options:");
        if scores.is_empty() {
            for (id, ja, en, points, means) in [
                ("compliant", "適合", "Compliant", 2, "met"),
                ("partially-compliant", "一部適合", "Partially compliant", 1, "partly"),
                ("non-compliant", "不適合", "Non-compliant", 0, "unmet"),
            ] {
                self.line(6, &format!("- {{ id: {id}, name: {{ ja: \"{ja}\", en: \"{en}\" }}, points: {points}, means: {means} }}"));
            }
        } else {
            let points: Vec<f64> =
                scores.iter().filter_map(|score| words(score, "score")?.parse().ok()).collect();
            let (low, high) = (
                points.iter().copied().fold(f64::INFINITY, f64::min),
                points.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            );
            for score in scores {
                let Some(number) = words(score, "score").and_then(|word| word.parse::<f64>().ok()) else {
                    continue;
                };
                let name = text(score, "name", self.lang).unwrap_or_else(|| quoted(&number.to_string()));
                let about = text(score, "description", self.lang)
                    .map(|about| format!(", about: {about}"))
                    .unwrap_or_default();
                let means = if number >= high {
                    "met"
                } else if number <= low {
                    "unmet"
                } else {
                    "partly"
                };
                let id = fresh(&format!("score.{number}").replace('.', "-"), &mut BTreeMap::new());
                self.line(
                    6,
                    &format!("- {{ id: {id}, name: {name}, points: {number}, means: {means}{about} }}"),
                );
            }
        }
        self.line(0, "answer: result");
    }

    /// Nodes that group others are sections; those that are assessed are items below the nearest.
    fn sections(&mut self) {
        self.line(0, "sections:");
        let assessable =
            |node: &Node| words(node, "assessable") == Some("true") || node.get("questions").is_some();
        let parents: BTreeMap<&str, &Node> =
            self.nodes.iter().filter_map(|node| Some((words(node, "urn")?, node))).collect();
        // Items below an item stand in the section of the item.
        let section_of = |node: &Node| {
            let mut at = words(node, "parent_urn");
            for _ in 0..self.nodes.len() {
                let parent = at.and_then(|urn| parents.get(urn))?;
                if !assessable(parent) {
                    return words(parent, "urn").map(str::to_owned);
                }
                at = words(parent, "parent_urn");
            }
            None
        };
        let below: Vec<Option<String>> = self.nodes.iter().map(section_of).collect();
        let nodes = self.nodes;
        let name = |node: &Node| {
            words(node, "ref_id").or_else(|| words(node, "urn").map(tail)).unwrap_or("item").to_owned()
        };
        let loose = nodes.iter().zip(&below).any(|(node, below)| assessable(node) && below.is_none());
        if loose {
            let id = fresh("all", &mut self.used);
            self.section(&id, None, None);
            self.line(4, "title: { ja: \"項目\", en: \"Items\" }");
            self.items(nodes, &below, None, &assessable, &name);
        }
        for (node, parent) in nodes.iter().zip(&below) {
            if assessable(node) {
                continue;
            }
            let id = fresh(&name(node), &mut self.used);
            let urn = words(node, "urn").map(str::to_owned);
            if let Some(urn) = &urn {
                self.ids.insert(urn.clone(), id.clone());
            }
            let parent = parent.as_ref().and_then(|urn| self.ids.get(urn)).cloned();
            self.section(&id, words(node, "ref_id"), parent.as_deref());
            let title = text(node, "name", self.lang).or_else(|| text(node, "description", self.lang));
            self.line(4, &format!("title: {}", title.unwrap_or_else(|| quoted(&name(node)))));
            if node.get("name").is_some() {
                self.put(4, "about", node, "description");
            }
            self.items(nodes, &below, urn.as_deref(), &assessable, &name);
        }
    }

    fn section(&mut self, id: &str, number: Option<&str>, parent: Option<&str>) {
        self.line(2, &format!("- id: {id}"));
        if let Some(number) = number {
            self.line(4, &format!("number: {}", quoted(number)));
        }
        if let Some(parent) = parent {
            self.line(4, &format!("parent: {parent}"));
        }
    }

    fn items(
        &mut self,
        nodes: &[Node],
        below: &[Option<String>],
        section: Option<&str>,
        assessable: &dyn Fn(&Node) -> bool,
        name: &dyn Fn(&Node) -> String,
    ) {
        let mut first = true;
        for (node, parent) in nodes.iter().zip(below) {
            if !assessable(node) || parent.as_deref() != section {
                continue;
            }
            if std::mem::take(&mut first) {
                self.line(4, "items:");
            }
            let id = fresh(&name(node), &mut self.used);
            if let Some(urn) = words(node, "urn") {
                self.ids.insert(urn.to_owned(), id.clone());
            }
            let questions = node.get("questions").map_or(&[][..], Node::entries);
            if questions.is_empty() {
                self.item(node, &id, None, None);
            }
            for (n, (key, question)) in questions.iter().enumerate() {
                let own =
                    if n == 0 { id.clone() } else { fresh(&format!("{id}-q{}", n + 1), &mut self.used) };
                self.ids.insert(key.text.to_string(), own.clone());
                self.item(node, &own, Some(question), Some(&key.text));
            }
        }
    }

    fn item(&mut self, node: &Node, id: &str, question: Option<&Node>, urn: Option<&str>) {
        self.line(6, &format!("- id: {id}"));
        if let Some(number) = words(node, "ref_id") {
            self.line(8, &format!("number: {}", quoted(number)));
        }
        let name = text(node, "name", self.lang);
        let description = text(node, "description", self.lang);
        let asked = question.and_then(|question| text(question, "text", self.lang));
        let words_of = asked.clone().or(description.clone()).or(name.clone()).unwrap_or_else(|| quoted(id));
        self.line(8, &format!("text: {words_of}"));
        if let Some(name) = name.filter(|name| *name != words_of) {
            self.line(8, &format!("title: {name}"));
        }
        match (asked.is_some(), description) {
            (true, Some(description)) => self.line(8, &format!("help: {description}")),
            _ => self.put(8, "help", node, "annotation"),
        }
        self.put(8, "evidence", node, "typical_evidence");
        if let Some(weight) =
            words(node, "weight").filter(|weight| weight.parse::<f64>().is_ok_and(|weight| weight >= 0.0))
        {
            self.line(8, &format!("weight: {weight}"));
        }
        if let Some(mark) = words(node, "importance") {
            self.line(8, &format!("mark: {}", quoted(mark)));
        }
        let groups: Vec<String> = node
            .get("implementation_groups")
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|group| self.ids.get(&format!("group {}", group.scalar()?)).cloned())
            .collect();
        if !groups.is_empty() {
            self.line(8, &format!("levels: [{}]", groups.join(", ")));
        }
        if let Some(urn) = urn.or(words(node, "urn")) {
            self.line(8, &format!("urn: {}", quoted(urn)));
        }
        for key in ["visibility_expression", "reference_controls", "threats"] {
            if node.get(key).is_some() {
                self.left.push(Text::new(format!("{id}: `{key}`"), format!("{id}: `{key}`")));
            }
        }
        if let Some(question) = question {
            self.question(id, question);
        }
    }

    fn question(&mut self, id: &str, question: &Node) {
        let kind = match words(question, "type").unwrap_or("text") {
            "unique_choice" | "single_choice" | "boolean" => "one",
            "multiple_choice" => "many",
            "number" => "number",
            "date" => "date",
            _ => "text",
        };
        let choices = question.get("choices").map_or(&[][..], Node::items);
        if matches!(kind, "one" | "many") && choices.is_empty() {
            self.left.push(Text::new(
                format!("{id}: 選択肢がないため文で答えます"),
                format!("{id}: answered in words, as there are no choices"),
            ));
            self.line(8, "answer: { type: text }");
            return;
        }
        self.line(8, "answer:");
        self.line(10, &format!("type: {kind}"));
        if !choices.is_empty() && matches!(kind, "one" | "many") {
            self.line(10, "options:");
            let mut used = BTreeMap::new();
            for choice in choices {
                let value = words(choice, "value").unwrap_or("choice");
                let wanted = words(choice, "urn").map_or(value, tail);
                let own = fresh(wanted, &mut used);
                if let Some(urn) = words(choice, "urn") {
                    self.ids.insert(urn.to_owned(), own.clone());
                }
                let name = text(choice, "value", self.lang).unwrap_or_else(|| quoted(value));
                let points = words(choice, "add_score").and_then(|word| word.parse::<f64>().ok());
                let points = points.map(|points| format!(", points: {points}")).unwrap_or_default();
                let means = match words(choice, "compute_result") {
                    Some("true" | "compliant") => ", means: met",
                    Some("false" | "non_compliant") => ", means: unmet",
                    Some("partially_compliant") => ", means: partly",
                    Some("not_applicable") => ", means: not-applicable",
                    _ => "",
                };
                self.line(12, &format!("- {{ id: {own}, name: {name}{points}{means} }}"));
            }
        }
        let Some(depends) = question.get("depends_on") else { return };
        let target = words(depends, "question").and_then(|urn| self.ids.get(urn)).cloned();
        let answers: Vec<String> = depends
            .get("answers")
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|answer| self.ids.get(answer.scalar()?).cloned())
            .collect();
        match target {
            Some(target) if !answers.is_empty() => {
                let all = words(depends, "condition") == Some("all");
                let tests: Vec<String> = if all {
                    answers.iter().map(|answer| format!("{{ item: {target}, is: {answer} }}")).collect()
                } else {
                    vec![format!("{{ item: {target}, is: [{}] }}", answers.join(", "))]
                };
                self.line(8, &format!("when: {{ all: [{}] }}", tests.join(", ")));
            }
            _ => self.left.push(Text::new(
                format!("{id}: `depends_on`の先が見つかりません"),
                format!("{id}: what `depends_on` names is not there"),
            )),
        }
    }

    /// Mappings to other frameworks, which have no file here, are told.
    fn mappings(&mut self) {
        let sets = ["requirement_mapping_set", "requirement_mapping_sets"];
        for set in sets.iter().filter_map(|key| self.objects.get(key)) {
            let mappings = set.get("requirement_mappings").map_or(0, |all| all.items().len());
            self.left.push(Text::new(
                format!("対応付け{mappings}件（`anshin checklist import --mapping`で読めます）"),
                format!("{mappings} mappings (read them with `anshin checklist import --mapping`)"),
            ));
        }
    }
}

/// Links from a mapping set of CISO Assistant, as the lines of `links` for each item of the source:
/// item to `checklist/item` with relation and strength.
///
/// # Errors
/// What is wrong with the file.
pub fn mappings(file: File, from: &Checklist, to: &Checklist) -> Result<(String, usize), Refused> {
    let mut sources = Sources::default();
    let text = match tree::decode(file.bytes, LIMITS) {
        Ok(text) => text,
        Err((code, message, hint)) => {
            return Err(Refused {
                sources,
                diagnostics: vec![Diagnostic::error(code, message).hint_if(hint)],
            });
        }
    };
    let number = sources.add(file.name, text);
    let root = match tree::parse(&sources, number, LIMITS) {
        Ok((root, _)) => root,
        Err(error) => return Err(Refused { sources, diagnostics: vec![*error] }),
    };
    let objects = root.get("objects").unwrap_or(&root);
    let set = ["requirement_mapping_set", "requirement_mapping_sets"].iter().find_map(|key| objects.get(key));
    let set = set.map(|set| set.items().first().unwrap_or(set));
    let all = set.and_then(|set| set.get("requirement_mappings")).map_or(&[][..], Node::items);
    let by_urn = |list: &Checklist, urn: &str| {
        let named = list.items().find(|(_, item)| {
            item.urn.as_deref() == Some(urn)
                || item.number.as_deref().is_some_and(|number| number.eq_ignore_ascii_case(tail(urn)))
        });
        named.map(|(_, item)| item.id.to_string())
    };
    let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut lost = 0;
    for mapping in all {
        let ends = words(mapping, "source_requirement_urn").zip(words(mapping, "target_requirement_urn"));
        let ids = ends.and_then(|(source, target)| by_urn(from, source).zip(by_urn(to, target)));
        let Some((source, target)) = ids else {
            lost += 1;
            continue;
        };
        let relation = match words(mapping, "relationship") {
            Some("equal") => "equal",
            Some("subset") => "part",
            Some("superset") => "superset",
            _ => "related",
        };
        let strength = words(mapping, "strength_of_relationship").and_then(|word| word.parse::<f64>().ok());
        let strength = strength.filter(|strength| (1.0..=10.0).contains(strength));
        let strength = strength.map(|strength| format!(", strength: {strength}")).unwrap_or_default();
        links
            .entry(source)
            .or_default()
            .push(format!("{{ to: {}/{target}, relation: {relation}{strength} }}", to.id));
    }
    let mut out = String::new();
    for (item, links) in links {
        let _ = writeln!(out, "{item}:\n  links:");
        for link in links {
            let _ = writeln!(out, "    - {link}");
        }
    }
    Ok((out, lost))
}

/// Where the parts of an official table stand, by column number from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Rows above the first item.
    pub skip: usize,
    /// The number as the list prints it.
    pub number: Option<usize>,
    /// The question or statement.
    pub text: usize,
    /// The section; a cell that is empty means the section of the row above.
    pub section: Option<usize>,
    /// A few words.
    pub title: Option<usize>,
    /// What is meant.
    pub help: Option<usize>,
}

/// Fills the rows of an official table that a user has into a checklist of the user's own. Scale,
/// levels and scores are those of a checklist that is like it; an item with the same number keeps
/// its id, its links and its advice.
pub fn from_table(
    rows: &[Vec<String>],
    columns: &Columns,
    like: &Checklist,
    id: &str,
    title: &str,
) -> Imported {
    let mut out = String::new();
    let mut left = Vec::new();
    let mut used = BTreeMap::new();
    let mut line = |indent: usize, words: &str| {
        let _ = writeln!(out, "{}{words}", " ".repeat(indent));
    };
    line(0, "anshin-checklist: 1");
    line(0, &format!("id: {id}"));
    line(0, "version: \"1\"");
    line(0, &format!("title: {}", quoted(title)));
    line(
        0,
        "about: { ja: \"利用者が持つ公式の表から取り込んだもの。\", en: \"Taken from an official table that the user has.\" }",
    );
    line(0, "basis: stated");
    let scale = like
        .answer
        .as_ref()
        .and_then(|own| like.scales.iter().find(|scale| scale.id == *own))
        .or(like.scales.first());
    line(0, "scales:");
    line(2, "- id: scale");
    line(4, "type: one");
    if let Some(scale) = scale.map(|scale| &scale.scale).filter(|scale| !scale.options.is_empty()) {
        let out_of_scope = match scale.out_of_scope {
            crate::OutOfScope::Forbidden => "forbidden",
            crate::OutOfScope::Excluded => "excluded",
            crate::OutOfScope::Full => "full",
        };
        line(4, &format!("out-of-scope: {out_of_scope}"));
        line(4, "options:");
        for option in &scale.options {
            let both = format!(
                "{{ ja: {}, en: {} }}",
                quoted(option.name.get(Lang::Ja)),
                quoted(option.name.get(Lang::En))
            );
            let points = option.points.map(|points| format!(", points: {points}")).unwrap_or_default();
            let means = option.means.map(|means| format!(", means: {}", means.as_str())).unwrap_or_default();
            let reason = if option.reason { ", reason: true" } else { "" };
            line(6, &format!("- {{ id: {:?}, name: {both}{points}{means}{reason} }}", option.id.as_str()));
        }
    } else {
        line(4, "options:");
        line(6, "- { id: \"yes\", name: { ja: \"はい\", en: \"Yes\" }, points: 1, means: met }");
        line(6, "- { id: \"no\", name: { ja: \"いいえ\", en: \"No\" }, points: 0, means: unmet }");
    }
    line(0, "answer: scale");
    line(0, "sections:");
    let cell = |row: &Vec<String>, n: Option<usize>| {
        n.and_then(|n| row.get(n)).map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty())
    };
    let mut section: Option<String> = None;
    let mut items = 0;
    for row in rows.iter().skip(columns.skip) {
        let Some(text) = cell(row, Some(columns.text)) else { continue };
        let named = cell(row, columns.section);
        if section.is_none() || (named.is_some() && named != section) {
            section = Some(named.clone().or(section).unwrap_or_else(|| title.to_owned()));
            let own = fresh("section", &mut used);
            line(2, &format!("- id: {own}"));
            line(4, &format!("title: {}", quoted(section.as_deref().unwrap_or(title))));
            line(4, "items:");
        }
        items += 1;
        let number = cell(row, columns.number).unwrap_or_else(|| items.to_string());
        let same = like
            .items()
            .find(|(_, item)| item.number.as_deref().is_some_and(|own| plain(own) == plain(&number)));
        let wanted =
            same.map_or_else(|| format!("n{}", number.to_lowercase()), |(_, item)| item.id.to_string());
        let own = fresh(&wanted, &mut used);
        line(6, &format!("- id: {own}"));
        line(8, &format!("number: {}", quoted(&number)));
        line(8, &format!("text: {}", quoted(&text)));
        for (key, n) in [("title", columns.title), ("help", columns.help)] {
            if let Some(words) = cell(row, n) {
                line(8, &format!("{key}: {}", quoted(&words)));
            }
        }
        if let Some((_, item)) = same {
            line(8, &format!("links: [{{ to: {}/{}, relation: equal, strength: 8 }}]", like.id, item.id));
            if let Some(advice) = &item.advice {
                line(
                    8,
                    &format!(
                        "advice: {{ ja: {}, en: {} }}",
                        quoted(advice.get(Lang::Ja)),
                        quoted(advice.get(Lang::En))
                    ),
                );
            }
        } else {
            left.push(Text::new(
                format!("{number}: 対応する項目が`{}`にありません", like.id),
                format!("{number}: `{}` has no item with this number", like.id),
            ));
        }
    }
    if items == 0 {
        left.insert(
            0,
            Text::new(
                "項目の行が1つもありません。列の指定を確かめてください",
                "there is no row with an item; look at the columns",
            ),
        );
    }
    line(0, "scores:");
    line(2, "- { id: total, name: { ja: \"合計\", en: \"Total\" } }");
    Imported { id: id.to_owned(), yaml: out, left }
}

/// A number without zeros in front and without letters around it.
fn plain(number: &str) -> String {
    number.trim().trim_start_matches(|c: char| !c.is_ascii_digit()).trim_start_matches('0').to_owned()
}

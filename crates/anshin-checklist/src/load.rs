//! From checklist files to checked [`Checklists`].

use std::collections::{BTreeMap, BTreeSet};

use anshin_catalog::{Catalog, facts};
use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::shape::{self, Vocabulary, did_you_mean, nearest};
use anshin_model::tree::{Node, Sources, Span};
use anshin_model::{Id, Text};
use indexmap::IndexMap;

use crate::checklist::{
    Checklist, Checklists, Item, Kind, OutOfScope, Prefill, Relation, Scale, Score, Test, When,
};
use crate::format;
use crate::read::{File, read, typed};

/// Checklists, their text and everything that is wrong with them.
#[derive(Debug)]
pub struct Loaded {
    /// The checklists; `None` if there are errors.
    pub checklists: Option<Checklists>,
    /// The files that were read.
    pub sources: Sources,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// The word that answers that an item does not concern those who answer.
pub const OUT_OF_SCOPE: &str = "out-of-scope";

/// The word that answers that nobody knows.
pub const UNKNOWN: &str = "unknown";

/// Reads checklist files; a file with the id of an earlier one takes its place.
pub fn load(files: Vec<File>, catalog: &Catalog) -> Loaded {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let mut lists: IndexMap<Id, (Checklist, Node)> = IndexMap::new();
    // Whether a file could not be read, so that links to it lead nowhere.
    let mut incomplete = false;
    let vocabulary = vocabulary(catalog);
    for file in files {
        let mut own = Vec::new();
        let root = read(file, "anshin-checklist", &format::CHECKLIST, &vocabulary, &mut sources, &mut own);
        if let Some(root) = root
            && let Some(list) = typed::<Checklist>(&root, &mut own)
        {
            Check { list: &list, catalog, found: &mut own }.all(&root);
            lists.insert(list.id.clone(), (list, root));
        } else {
            incomplete = true;
        }
        found.extend(own);
    }
    check_links(&lists, incomplete, &mut found);
    check_next(&lists, incomplete, &mut found);
    diagnostic::sort(&mut found);
    let checklists = (!diagnostic::has_errors(&found))
        .then(|| Checklists { lists: lists.into_iter().map(|(id, (list, _))| (id, list)).collect() });
    Loaded { checklists, sources, diagnostics: found }
}

/// The words of the catalog that checklists name.
pub(crate) fn vocabulary(catalog: &Catalog) -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    for section in ["requirements", "measures"] {
        let ids = catalog.ids(section).unwrap_or_default();
        vocabulary.add(section, ids.into_iter().map(ToString::to_string));
    }
    vocabulary
}

/// The place of a key of a map, or of the map where the key is missing.
pub(crate) fn place(node: &Node, key: &str) -> Span {
    node.get(key).map_or(node.span, |node| node.span)
}

pub(crate) fn list<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).map_or(&[][..], Node::items)
}

/// A single value, or the values of a list.
pub(crate) fn each<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    match node.get(key) {
        Some(one) if one.scalar().is_some() => std::slice::from_ref(one),
        Some(more) => more.items(),
        None => &[],
    }
}

fn unknown<'a>(span: Span, message: Text, word: &str, names: impl Iterator<Item = &'a str>) -> Diagnostic {
    let mut names = names.peekable();
    let none = names.peek().is_none();
    let all: Vec<&str> = names.collect();
    let hint = nearest(word, all.iter().copied()).map_or_else(
        || {
            if none || all.len() > 20 {
                Text::new("書き足すか、あるものを選んでください", "add it, or name one that exists")
            } else {
                let all = all.join(", ");
                Text::new(format!("使えるもの: {all}"), format!("there are: {all}"))
            }
        },
        did_you_mean,
    );
    Diagnostic::error(Code::UnknownReference, message).at(span).hint(hint)
}

/// What no single place of a file shows.
pub(crate) struct Check<'a> {
    pub(crate) list: &'a Checklist,
    pub(crate) catalog: &'a Catalog,
    pub(crate) found: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn all(&mut self, root: &Node) {
        self.versions(root);
        self.scales(root);
        if !self.sections(root) {
            // Nothing that walks up from a section would end.
            return;
        }
        self.items(root);
        self.branches(root);
        self.scores(root);
        self.origins(root);
    }

    fn error(&mut self, code: Code, span: Span, message: Text, hint: Text) {
        self.found.push(Diagnostic::error(code, message).at(span).hint(hint));
    }

    fn versions(&mut self, root: &Node) {
        let check = |this: &mut Self, node: Option<&Node>| {
            if let Some(node) = node
                && let Some(word) = node.scalar()
                && this.list.age(word).is_none()
            {
                let names = this.list.history.iter().map(|version| version.version.as_str());
                let message = Text::new(
                    format!("版`{word}`が`history`にありません"),
                    format!("there is no version `{word}` in `history`"),
                );
                this.found.push(unknown(node.span, message, word, names));
            }
        };
        check(self, root.get("version"));
        let Some(newest) = self.list.history.first() else { return };
        if let Some(node) = root.get("version")
            && self.list.age(&self.list.version).is_some_and(|age| age > 0)
        {
            let (newest, version) = (newest.version.clone(), self.list.version.clone());
            self.error(
                Code::Conflict,
                node.span,
                Text::new(
                    format!("版`{version}`より新しい版`{newest}`が`history`の先頭にあります"),
                    format!(
                        "`history` begins with `{newest}`, which would be newer than the version `{version}`"
                    ),
                ),
                Text::new(
                    "新しい版を加えたなら`version`も上げてください。そうでなければ`history`を新しい版から順に並べてください",
                    "raise `version` if there is a new one; else list `history` with the newest first",
                ),
            );
        }
        for node in list(root, "retired") {
            check(self, node.get("since"));
        }
        for section in list(root, "sections") {
            for item in list(section, "items") {
                check(self, item.get("since"));
                check(self, item.get("changed"));
            }
        }
    }

    fn scales(&mut self, root: &Node) {
        for (scale, node) in self.list.scales.iter().zip(list(root, "scales")) {
            self.scale(&scale.scale, node);
        }
    }

    fn scale(&mut self, scale: &Scale, node: &Node) {
        let span = place(node, "type");
        let chooses = matches!(scale.kind, Kind::One | Kind::Many);
        if chooses && scale.options.is_empty() {
            self.error(
                Code::MissingKey,
                span,
                Text::new("選択肢`options`がありません", "there are no `options` to choose from"),
                Text::new(
                    "選択肢を書くか、ほかの`type`にしてください",
                    "write options, or take another `type`",
                ),
            );
        }
        if !chooses && !scale.options.is_empty() {
            self.error(
                Code::Conflict,
                place(node, "options"),
                Text::new("この`type`は選択肢を取りません", "this `type` takes no options"),
                Text::new("`type: one`か`type: many`にしてください", "take `type: one` or `type: many`"),
            );
        }
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for option in list(node, "options") {
            let Some((id, span)) = option.get("id").and_then(|id| Some((id.scalar()?, id.span))) else {
                continue;
            };
            if let Some(first) = seen.insert(id, span) {
                self.duplicate(id, span, first);
            }
            if id == OUT_OF_SCOPE {
                self.error(
                    Code::Conflict,
                    span,
                    Text::new(
                        format!("`{OUT_OF_SCOPE}`は選択肢の識別子に使えません"),
                        format!("`{OUT_OF_SCOPE}` cannot be the id of an option"),
                    ),
                    Text::new(
                        "尺度に`out-of-scope: excluded`か`full`を書いてください",
                        "write `out-of-scope: excluded` or `full` at the scale instead",
                    ),
                );
            }
        }
        if scale.min.zip(scale.max).is_some_and(|(min, max)| min > max) {
            self.error(
                Code::OutOfRange,
                place(node, "max"),
                Text::new("最大値が最小値より小さくなっています", "the largest number is below the smallest"),
                Text::new("`min`か`max`を直してください", "correct `min` or `max`"),
            );
        }
        let falls = scale.steps.windows(2).position(|pair| pair[0].from >= pair[1].from);
        if let Some(n) = falls
            && let Some(step) = list(node, "steps").get(n + 1)
        {
            self.error(
                Code::OutOfRange,
                place(step, "from"),
                Text::new("段階の`from`が増えていません", "the `from` of the steps does not rise"),
                Text::new("小さい順に並べてください", "put them in rising order"),
            );
        }
    }

    fn duplicate(&mut self, id: &str, span: Span, first: Span) {
        self.found.push(
            Diagnostic::error(
                Code::DuplicateId,
                Text::new(format!("識別子`{id}`が2回使われています"), format!("the id `{id}` is used twice")),
            )
            .at(span)
            .also(first, Text::new("最初はここ", "first here"))
            .hint(Text::new("別の識別子を付けてください", "give one of them another id")),
        );
    }

    /// Whether the parents of every section come to an end.
    fn sections(&mut self, root: &Node) -> bool {
        for (section, node) in self.list.sections.iter().zip(list(root, "sections")) {
            let mut seen = BTreeSet::new();
            let mut at = Some(section);
            while let Some(here) = at {
                if !seen.insert(&here.id) {
                    self.error(
                        Code::SectionCycle,
                        place(node, "parent"),
                        Text::new(
                            format!("節`{}`の親をたどると自分に戻ります", section.id),
                            format!("the parents of the section `{}` lead back to itself", section.id),
                        ),
                        Text::new("`parent`を直してください", "correct one `parent`"),
                    );
                    return false;
                }
                at = here.parent.as_ref().and_then(|parent| self.list.section(parent.as_str()));
            }
        }
        true
    }

    fn items(&mut self, root: &Node) {
        let all = self.list;
        if let Some((_, first)) = all.counting().next() {
            self.rules(&all.scope, list(root, "scope"), all.scale(first));
        }
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        for (section, node) in self.list.sections.iter().zip(list(root, "sections")) {
            for (item, node) in section.items.iter().zip(list(node, "items")) {
                let ids = std::iter::once(node.get("id")).flatten().chain(list(node, "was"));
                for id in ids {
                    let word = id.scalar().unwrap_or_default();
                    if let Some(first) = seen.insert(word.to_owned(), id.span) {
                        self.duplicate(word, id.span, first);
                    }
                }
                self.item(item, node);
            }
        }
        if seen.is_empty() {
            self.error(
                Code::Empty,
                place(root, "sections"),
                Text::new("項目が1つもありません", "there is no item"),
                Text::new("節の`items`に項目を書いてください", "write items under a section"),
            );
        }
        for node in list(root, "retired") {
            if let Some(id) = node.get("id")
                && let Some(word) = id.scalar()
                && let Some(&first) = seen.get(word)
            {
                self.duplicate(word, id.span, first);
            }
            if let Some(into) = node.get("into")
                && let Some(word) = into.scalar()
                && self.list.item(word).is_none()
            {
                self.no_item(word, into.span);
            }
        }
    }

    fn no_item(&mut self, word: &str, span: Span) {
        let names = self.list.items().map(|(_, item)| item.id.as_str());
        let message = Text::new(
            format!("このチェックシートに項目`{word}`がありません"),
            format!("there is no item `{word}` in this checklist"),
        );
        self.found.push(unknown(span, message, word, names));
    }

    /// What is wrong with one item, its own or one of an answers file.
    pub(crate) fn item(&mut self, item: &Item, node: &Node) {
        match (&item.answer, node.get("answer")) {
            (Some(answer), Some(form)) if answer.scale.is_none() => {
                if form.get("type").is_none() {
                    self.error(
                        Code::MissingKey,
                        form.span,
                        Text::new("`scale`も`type`もありません", "there is neither `scale` nor `type`"),
                        Text::new("どちらかを書いてください", "write one of them"),
                    );
                }
                self.scale(&answer.own, form);
            }
            (Some(_), Some(form)) if form.get("type").is_some() => self.error(
                Code::Conflict,
                form.span,
                Text::new("`scale`と`type`の両方があります", "there are both `scale` and `type`"),
                Text::new("どちらか1つにしてください", "keep one of them"),
            ),
            (None, _) if self.list.answer.is_none() => self.error(
                Code::MissingKey,
                place(node, "id"),
                Text::new(
                    format!("項目`{}`の答え方が決まっていません", item.id),
                    format!("it is not said how the item `{}` is answered", item.id),
                ),
                Text::new(
                    "項目かファイルに`answer`を書いてください",
                    "write `answer` at the item, or once for the file",
                ),
            ),
            _ => {}
        }
        let scale = self.list.scale(item).clone();
        self.rules(&item.prefill, list(node, "prefill"), &scale);
        self.facts(node.get("earliest"));
        for link in list(node, "links") {
            let to = link.get("to").unwrap_or(link);
            if to.scalar().is_some_and(|word| !word.contains('/')) {
                self.error(
                    Code::BadId,
                    to.span,
                    Text::new("リンク先の書き方が違います", "the link is written in a wrong form"),
                    Text::new("`チェックシート/項目`と書いてください", "write `checklist/item`"),
                );
            }
        }
    }

    /// Rules over facts: what they answer exists, and they have a condition.
    fn rules(&mut self, rules: &[Prefill], nodes: &[Node], scale: &Scale) {
        for (rule, node) in rules.iter().zip(nodes) {
            for answer in each(node, "answer") {
                self.answer_exists(answer, scale);
            }
            self.facts(Some(node));
            if rule.when.facts().next().is_none() && rule.measures.is_empty() {
                self.error(
                    Code::MissingKey,
                    node.span,
                    Text::new("提案の条件がありません", "the proposal has no condition"),
                    Text::new("事実か`measures`を書いてください", "name facts or `measures`"),
                );
            }
        }
    }

    /// The facts that a condition names exist.
    fn facts(&mut self, condition: Option<&Node>) {
        for fact in ["all", "any", "none"]
            .into_iter()
            .flat_map(|key| condition.map_or(&[][..], |node| list(node, key)))
        {
            self.fact(fact);
        }
    }

    fn answer_exists(&mut self, answer: &Node, scale: &Scale) {
        let Some(word) = answer.scalar() else { return };
        let fits = match scale.kind {
            _ if word == OUT_OF_SCOPE => scale.out_of_scope != OutOfScope::Forbidden,
            Kind::One | Kind::Many => word == UNKNOWN || scale.option(word).is_some(),
            Kind::Number => word.parse::<f64>().is_ok_and(f64::is_finite),
            Kind::Date | Kind::Text => true,
        };
        if !fits {
            let names = scale.options.iter().map(|option| option.id.as_str());
            let message = Text::new(
                format!("この項目に答え`{word}`はありません"),
                format!("the item cannot be answered with `{word}`"),
            );
            self.found.push(unknown(answer.span, message, word, names));
        }
    }

    fn fact(&mut self, node: &Node) {
        let Some(name) = node.scalar() else { return };
        if let Err(near) = facts::check(name, facts::Family::System, self.catalog) {
            self.found.push(
                Diagnostic::error(
                    Code::UnknownWord,
                    Text::new(
                        format!("`{name}`という事実はありません"),
                        format!("there is no fact `{name}`"),
                    ),
                )
                .at(node.span)
                .hint_if(near.as_deref().map(did_you_mean))
                .hint(Text::new(
                    "`anshin catalog list facts`が使える事実を示します",
                    "`anshin catalog list facts` shows the facts",
                )),
            );
        }
    }

    /// Branching: items and options exist, and nothing depends on itself.
    fn branches(&mut self, root: &Node) {
        // Item to the items on which it depends whether it is asked.
        let mut needs: BTreeMap<&Id, BTreeSet<&Id>> = BTreeMap::new();
        let mut places: BTreeMap<&Id, Span> = BTreeMap::new();
        for (section, node) in self.list.sections.iter().zip(list(root, "sections")) {
            if let Some(when) = node.get("when") {
                self.tests(&section.when, when);
            }
            for (item, node) in section.items.iter().zip(list(node, "items")) {
                if let Some(when) = node.get("when") {
                    self.tests(&item.when, when);
                }
                let of_sections =
                    self.list.section_and_above(section).flat_map(|section| section.when.tests());
                let all = item.when.tests().chain(of_sections).map(|test| &test.item);
                needs.insert(&item.id, all.collect());
                places.insert(&item.id, place(node, if node.get("when").is_some() { "when" } else { "id" }));
            }
        }
        if let Some(circle) = circle(&needs) {
            let names = circle.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" → ");
            self.error(
                Code::BranchCycle,
                places.get(circle[0]).copied().unwrap_or(root.span),
                Text::new(
                    format!("分岐の条件が一巡しています（{names}）"),
                    format!("the conditions for asking go in a circle ({names})"),
                ),
                Text::new("どれか1つの`when`を取り除いてください", "take one `when` away"),
            );
        }
    }

    /// Whether the tests of a condition can be answered.
    pub(crate) fn tests(&mut self, when: &When, node: &Node) {
        let keys = [("all", &when.all), ("any", &when.any), ("none", &when.none)];
        for (key, tests) in keys {
            for (test, node) in tests.iter().zip(list(node, key)) {
                self.test(test, node);
            }
        }
    }

    fn test(&mut self, test: &Test, node: &Node) {
        let Some((_, item)) = self.list.item(test.item.as_str()) else {
            self.no_item(test.item.as_str(), place(node, "item"));
            return;
        };
        let scale = self.list.scale(item).clone();
        for answer in each(node, "is") {
            self.answer_exists(answer, &scale);
        }
        let asks = !test.is.is_empty()
            || !test.means.is_empty()
            || test.at_least.is_some()
            || test.at_most.is_some();
        if !asks {
            self.error(
                Code::MissingKey,
                node.span,
                Text::new("条件が何も問うていません", "the test asks for nothing"),
                Text::new(
                    "`is`、`means`、`at-least`、`at-most`のどれかを書いてください",
                    "write `is`, `means`, `at-least` or `at-most`",
                ),
            );
        }
    }

    fn scores(&mut self, root: &Node) {
        for (score, node) in self.list.scores.iter().zip(list(root, "scores")) {
            self.points(score, node);
            let bands = list(node, "bands");
            for (n, (band, node)) in score.bands.iter().zip(bands).enumerate() {
                let last = n + 1 == score.bands.len();
                let above = n.checked_sub(1).and_then(|n| score.bands[n].from);
                let wrong = match (band.from, last) {
                    (Some(_), true) => {
                        Some(("最後の評価に`from`は書きません", "the last band has no `from`"))
                    }
                    (None, false) => Some(("評価に`from`がありません", "the band has no `from`")),
                    (Some(from), false) if above.is_some_and(|above| from >= above) => {
                        Some(("評価の`from`が下がっていません", "the `from` of the bands does not fall"))
                    }
                    _ => None,
                };
                if let Some((ja, en)) = wrong {
                    self.error(
                        Code::OutOfRange,
                        place(node, "from"),
                        Text::new(ja, en),
                        Text::new(
                            "良い順に並べ、最後だけ`from`を省いてください",
                            "put the best first, and leave `from` out in the last one only",
                        ),
                    );
                }
            }
        }
    }

    /// The options of a variant exist.
    fn points(&mut self, score: &Score, node: &Node) {
        let of_items = self.list.items().map(|(_, item)| self.list.scale(item));
        let scales = self.list.scales.iter().map(|named| &named.scale).chain(of_items);
        let options: BTreeSet<&Id> =
            scales.flat_map(|scale| &scale.options).map(|option| &option.id).collect();
        for (own, node) in score.points.iter().zip(list(node, "points")) {
            if !options.contains(&own.option) {
                let word = own.option.as_str();
                let message = Text::new(
                    format!("どの尺度にも選択肢`{word}`がありません"),
                    format!("no scale has an option `{word}`"),
                );
                let names = options.iter().map(|id| id.as_str());
                self.found.push(unknown(place(node, "option"), message, word, names));
            }
        }
    }

    /// Sources exist, in the catalog or in the file.
    fn origins(&mut self, root: &Node) {
        self.origin(root);
        for section in list(root, "sections") {
            self.origin(section);
            for item in list(section, "items") {
                self.origin(item);
            }
        }
    }

    fn origin(&mut self, node: &Node) {
        for source in each(node, "source") {
            let Some(id) = source.scalar().and_then(|text| text.split_whitespace().next()) else { continue };
            let known =
                self.catalog.sources.contains_key(id) || self.list.sources.iter().any(|own| own.id == *id);
            if !known {
                let names = self.catalog.sources.keys().chain(self.list.sources.iter().map(|own| &own.id));
                let message = Text::new(
                    format!("出典`{id}`が`sources`にありません"),
                    format!("there is no source `{id}` in `sources`"),
                );
                self.found.push(unknown(source.span, message, id, names.map(Id::as_str)));
            }
        }
    }
}

/// A circle in a graph, if there is one: its members in order, the first again at the end.
fn circle<'a, T: Ord + ?Sized>(graph: &BTreeMap<&'a T, BTreeSet<&'a T>>) -> Option<Vec<&'a T>> {
    let mut done: BTreeSet<&T> = BTreeSet::new();
    for &start in graph.keys() {
        // The way from the start, each with the neighbours that are left to visit.
        let mut way: Vec<(&T, Vec<&T>)> = Vec::new();
        if !done.contains(start) {
            way.push((start, graph[start].iter().copied().collect()));
        }
        while let Some((at, left)) = way.last_mut() {
            let at = *at;
            if let Some(next) = left.pop() {
                if let Some(n) = way.iter().position(|(on_way, _)| *on_way == next) {
                    let mut circle: Vec<&T> = way[n..].iter().map(|(id, _)| *id).collect();
                    circle.push(next);
                    return Some(circle);
                }
                if !done.contains(next)
                    && let Some(after) = graph.get(next)
                {
                    way.push((next, after.iter().copied().collect()));
                }
            } else {
                done.insert(at);
                way.pop();
            }
        }
    }
    None
}

/// The checklists that others lead on to are there.
fn check_next(lists: &IndexMap<Id, (Checklist, Node)>, incomplete: bool, found: &mut Vec<Diagnostic>) {
    for (checklist, root) in lists.values() {
        for (id, node) in checklist.next.iter().zip(each(root, "next")) {
            if !incomplete && !lists.contains_key(id) {
                found.push(no_checklist(node.span, id, lists));
            }
        }
    }
}

fn no_checklist(span: Span, id: &Id, lists: &IndexMap<Id, (Checklist, Node)>) -> Diagnostic {
    let message =
        Text::new(format!("チェックシート`{id}`がありません"), format!("there is no checklist `{id}`"));
    unknown(span, message, id.as_str(), lists.keys().map(Id::as_str))
}

/// Links between checklists: their ends exist, and no item is a part of itself.
fn check_links(lists: &IndexMap<Id, (Checklist, Node)>, incomplete: bool, found: &mut Vec<Diagnostic>) {
    // Items that ask for the same are one; each is named by the least of them.
    let mut same = Same::default();
    let mut larger: Vec<(String, String)> = Vec::new();
    let mut places: BTreeMap<String, Span> = BTreeMap::new();
    for (id, (checklist, root)) in lists {
        for (section, node) in checklist.sections.iter().zip(list(root, "sections")) {
            for (item, node) in section.items.iter().zip(list(node, "items")) {
                let from = format!("{id}/{}", item.id);
                for (link, node) in item.links.iter().zip(list(node, "links")) {
                    let to = format!("{}/{}", link.checklist, link.item);
                    let span = node.get("to").map_or(node.span, |to| to.span);
                    match lists.get(&link.checklist) {
                        None if incomplete || link.checklist.as_str().is_empty() => continue,
                        None => {
                            found.push(no_checklist(span, &link.checklist, lists));
                            continue;
                        }
                        Some((other, _)) if other.item(link.item.as_str()).is_none() => {
                            let message = Text::new(
                                format!(
                                    "チェックシート`{}`に項目`{}`がありません",
                                    link.checklist, link.item
                                ),
                                format!("the checklist `{}` has no item `{}`", link.checklist, link.item),
                            );
                            let names = other.items().map(|(_, item)| item.id.as_str());
                            found.push(unknown(span, message, link.item.as_str(), names));
                            continue;
                        }
                        Some(_) => {}
                    }
                    match link.relation {
                        Relation::Equal => same.join(&from, &to),
                        Relation::Part => larger.push((from.clone(), to)),
                        Relation::Superset => larger.push((to, from.clone())),
                        Relation::Related | Relation::Presupposes => {}
                    }
                    places.insert(from.clone(), span);
                }
            }
        }
    }
    let larger: Vec<(String, String)> =
        larger.into_iter().map(|(part, whole)| (same.name(&part), same.name(&whole))).collect();
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (part, whole) in &larger {
        graph.entry(part).or_default().insert(whole);
    }
    if let Some(circle) = circle(&graph) {
        let names = circle.join(" → ");
        let mut wrong = Diagnostic::error(
            Code::LinkCycle,
            Text::new(
                format!("項目が自分自身の一部になっています（{names}）"),
                format!("items are parts of themselves ({names})"),
            ),
        )
        .hint(Text::new(
            "どれか1つのリンクの`relation`を直すか、すべて`equal`にしてください",
            "correct the `relation` of one link, or make all of them `equal`",
        ));
        wrong.span = circle.iter().find_map(|name| places.get(*name).copied());
        found.push(wrong);
    }
}

/// Which items ask for the same.
#[derive(Debug, Default)]
struct Same {
    names: BTreeMap<String, String>,
}

impl Same {
    fn name(&self, item: &str) -> String {
        let mut at = item;
        while let Some(next) = self.names.get(at) {
            at = next;
        }
        at.to_owned()
    }

    fn join(&mut self, a: &str, b: &str) {
        let (a, b) = (self.name(a), self.name(b));
        match a.cmp(&b) {
            std::cmp::Ordering::Less => self.names.insert(b, a),
            std::cmp::Ordering::Greater => self.names.insert(a, b),
            std::cmp::Ordering::Equal => None,
        };
    }
}

/// The JSON Schema of checklist files.
pub fn schema(catalog: &Catalog) -> serde_json::Value {
    shape::json_schema(&format::CHECKLIST, "Anshin checklist", &vocabulary(catalog))
}

/// The JSON Schema of answers files.
pub fn answers_schema(catalog: &Catalog) -> serde_json::Value {
    shape::json_schema(&format::ANSWERS, "Anshin answers", &vocabulary(catalog))
}

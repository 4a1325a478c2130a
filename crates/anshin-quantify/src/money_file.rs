//! The numbers of one organization, read from its file.

use anshin_catalog::{Catalog, CostCategory, CostPer, CostWhen};
use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::document::{Economic, Status};
use anshin_model::shape::{self, Vocabulary};
use anshin_model::tree::{self, Limits, Node, Sources, Value};
use anshin_model::{Id, Lang, Text};
use anshin_simulate::{Distribution, Money, Percentile, Probability, WrongNumber};

use crate::amount::{exactly, often};
use crate::form;
use crate::wrong;

/// What an organization knows about its money. Empty, it stands for a user without any numbers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MoneyFile {
    /// The stakeholder whose money it is.
    pub organization: Option<Id>,
    /// Currency of all amounts, if it is not yen.
    pub currency: Option<String>,
    /// A few numbers about the business.
    pub business: Business,
    /// The bad year to be ready for.
    pub bad_year: Option<Percentile>,
    /// How the organization stands to IT and security.
    pub posture: Option<PostureAnswers>,
    /// Costs of an incident, own or changed.
    pub costs: Vec<Cost>,
    /// What an incident of each level costs, from limited to catastrophic.
    pub levels: [Option<Distribution>; 3],
    /// How often to expect incidents of a class of likelihood.
    pub frequencies: Vec<(Id, Distribution)>,
    /// Numbers for single scenarios.
    pub scenarios: Vec<OwnScenario>,
    /// What measures cost and do.
    pub measures: Vec<OwnMeasure>,
    /// Insurance policies.
    pub insurance: Vec<OwnPolicy>,
}

/// A few numbers about the business.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Business {
    /// Turnover of a year.
    pub turnover: Option<Money>,
    /// What a day of work of one's own people costs.
    pub person_day: Option<Money>,
    /// Profit that a day of standstill costs.
    pub profit_per_day: Option<Money>,
    /// What can be paid in an emergency.
    pub emergency_cash: Option<Money>,
    /// People whose data are kept.
    pub people: Option<f64>,
    /// Devices in the field that a recall would reach.
    pub units: Option<f64>,
    /// People whom one accident would hurt.
    pub people_hurt: Option<f64>,
    /// What is spent on security in a year today.
    pub security_spending: Option<Money>,
}

/// How an organization stands to IT and security.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostureAnswers {
    /// What IT is to the business.
    pub it: ItUse,
    /// What security is to the management.
    pub security: Attitude,
}

/// What IT is to a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItUse {
    /// A part of its strategy.
    Strategic,
    /// Used.
    Supporting,
    /// Kept from being used by security rules.
    Restricted,
    /// Not used.
    None,
}

/// What security is to a management.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attitude {
    /// It strives for a high level.
    Pursued,
    /// It understands the need.
    Understood,
    /// It does not.
    NotUnderstood,
    /// It lacks people or money.
    NoMeans,
}

/// A cost of an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Option<Text>,
    /// The amount.
    pub amount: Option<Distribution>,
    /// What it is for.
    pub category: Option<CostCategory>,
    /// In which incidents it occurs.
    pub when: Option<CostWhen>,
    /// What the amount is counted by.
    pub per: Option<CostPer>,
    /// How often it occurs in such an incident.
    pub chance: Option<Probability>,
    /// Whether it is left out.
    pub off: bool,
}

/// Numbers for a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnScenario {
    /// Its id.
    pub id: Id,
    /// Its name, if it is the user's own.
    pub name: Option<Text>,
    /// Times a year.
    pub frequency: Option<Distribution>,
    /// What one incident costs, part by part; empty if not given.
    pub parts: Vec<OwnPart>,
    /// Whether it is left out.
    pub off: bool,
}

/// A part of what an incident costs.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnPart {
    /// What it is for.
    pub category: CostCategory,
    /// The amount.
    pub amount: Distribution,
    /// How often it occurs in such an incident.
    pub chance: Probability,
}

/// What a measure costs and does.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnMeasure {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Option<Text>,
    /// What it costs once.
    pub cost: Option<Money>,
    /// What it costs each year.
    pub cost_per_year: Option<Money>,
    /// Years over which the single cost is spread.
    pub years: Option<f64>,
    /// Share of incidents that it keeps from happening.
    pub prevents: Option<Probability>,
    /// Share of the loss that it saves in those that happen.
    pub softens: Option<Probability>,
    /// Scenarios that it works on; all if empty.
    pub scenarios: Vec<Id>,
}

/// An insurance policy.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnPolicy {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Option<Text>,
    /// Whether it is taken out.
    pub in_place: bool,
    /// What its terms say about cyber incidents.
    pub cyber: Cyber,
    /// Premium of a year.
    pub premium: Money,
    /// What the insured bears of each incident.
    pub deductible: Money,
    /// Share of the rest that it pays.
    pub pays: Probability,
    /// The most that it pays for an incident.
    pub limit: Option<Money>,
    /// The most that it pays in a year.
    pub limit_per_year: Option<Money>,
    /// Categories of cost that it covers; all if empty.
    pub covers: Vec<CostCategory>,
    /// Scenarios that it does not cover.
    pub excludes: Vec<Id>,
}

/// What the terms of a policy say about cyber incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cyber {
    /// They are covered.
    Included,
    /// Nothing: whether they are covered shows when one happens.
    Silent,
    /// They are not covered.
    Excluded,
}

/// What a money file may refer to.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Knowledge with cost items.
    pub catalog: &'a Catalog,
    /// Stakeholders of the system.
    pub stakeholders: &'a [Id],
    /// The stakeholder whose money it is if the file does not say so.
    pub lead: Option<&'a Id>,
    /// Classes of likelihood, from low to high.
    pub classes: &'a [Id],
    /// Scenarios of the system, each with the stakeholder that it befalls.
    pub scenarios: &'a [(Id, Id)],
    /// Measures of the document, each with what has been decided about it.
    pub measures: &'a [(Id, Status)],
}

/// A money file, its text and everything that is wrong with it.
#[derive(Debug)]
pub struct Loaded {
    /// The numbers; `None` if there are errors.
    pub money: Option<MoneyFile>,
    /// The file.
    pub sources: Sources,
    /// Errors and warnings, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a money file. What it names is checked against what is known.
pub fn load(name: &str, bytes: Vec<u8>, known: Known<'_>) -> Loaded {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let limits = Limits::DEFAULT;
    let mut money = None;
    match tree::decode(bytes, limits) {
        Err((code, message, hint)) => diagnostics.push(Diagnostic::error(code, message).hint_if(hint)),
        Ok(text) => {
            let file = sources.add(name, text);
            match tree::parse(&sources, file, limits) {
                Err(error) => diagnostics.push(*error),
                Ok((root, found)) => {
                    diagnostics.extend(found);
                    diagnostics.extend(shape::check(
                        &root,
                        &form::MONEY_FILE,
                        &Vocabulary::default(),
                        "docs/quantify.md",
                    ));
                    let mut reader = Reader { known, befalls: None, found: Vec::new() };
                    let read = reader.file(&root);
                    // A number that the shape has refused is not spoken about twice, nor is the range
                    // that it stands in.
                    let told: Vec<tree::Span> = diagnostics.iter().filter_map(|d| d.span).collect();
                    let fresh = |d: &Diagnostic| {
                        d.span.is_none_or(|span| {
                            let is_range = d.code == Code::OutOfRange;
                            !told.iter().any(|told| *told == span || (is_range && is_within(*told, span)))
                        })
                    };
                    diagnostics.extend(reader.found.into_iter().filter(fresh));
                    if !diagnostic::has_errors(&diagnostics) {
                        money = Some(read);
                    }
                }
            }
        }
    }
    diagnostic::sort(&mut diagnostics);
    Loaded { money, sources, diagnostics }
}

fn is_within(inner: tree::Span, outer: tree::Span) -> bool {
    inner.file == outer.file && outer.start <= inner.start && inner.end <= outer.end
}

/// A number that should be no smaller than that of the step below.
struct Step<'a> {
    name: &'a str,
    at: Option<tree::Span>,
    own: Option<f64>,
    default: Option<f64>,
}

struct Reader<'a> {
    known: Known<'a>,
    /// The stakeholder whose scenarios count, as far as it is known.
    befalls: Option<Id>,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn file(&mut self, root: &Node) -> MoneyFile {
        let organization = self.reference(
            root.get("organization"),
            self.known.stakeholders,
            ("ステークホルダー", "stakeholder"),
        );
        // A wrong name is told once; whose scenarios count is not known then.
        self.befalls = match root.get("organization") {
            Some(_) => organization.clone(),
            None => self.known.lead.cloned(),
        };
        let scenarios = self.scenarios(root.get("scenarios"));
        let mut names: Vec<Id> = self.known.scenarios.iter().map(|(id, _)| id.clone()).collect();
        names.extend(scenarios.iter().map(|scenario| scenario.id.clone()));
        let currency = root.get("currency").and_then(|node| {
            let word = node.scalar()?;
            if word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase()) {
                return Some(word.to_owned());
            }
            self.found.push(
                Diagnostic::error(
                    Code::OutOfRange,
                    Text::new(
                        format!("`{word}`は通貨の記号ではありません"),
                        format!("`{word}` is not the code of a currency"),
                    ),
                )
                .at(node.span)
                .hint(Text::new(
                    "大文字3字で書いてください（例: JPY）",
                    "write three capital letters, such as JPY",
                )),
            );
            None
        });
        let business = self.business(root.get("business"));
        let levels = Economic::ALL
            .map(|level| root.get("levels").and_then(|levels| self.amount(levels.get(level.as_str()))));
        let frequencies = self.frequencies(root.get("frequencies"));
        self.levels_rise(root.get("levels"), &levels, business.turnover, currency.as_deref());
        self.frequencies_rise(root.get("frequencies"), &frequencies);
        MoneyFile {
            organization,
            currency,
            business,
            bad_year: root.get("bad-year").and_then(Node::scalar).and_then(Percentile::one_in_years),
            posture: root.get("posture").and_then(posture),
            costs: self.costs(root.get("costs")),
            levels,
            frequencies,
            measures: items(root.get("measures"))
                .iter()
                .filter_map(|item| self.measure(item, &names))
                .collect(),
            insurance: items(root.get("insurance"))
                .iter()
                .filter_map(|item| self.policy(item, &names))
                .collect(),
            scenarios,
        }
    }

    fn wrong(&mut self, node: &Node, error: WrongNumber) {
        let code = Code::OutOfRange;
        self.found
            .push(Diagnostic::error(code, wrong::message(&error)).at(node.span).hint(wrong::hint(&error)));
    }

    fn money(&mut self, node: Option<&Node>) -> Option<Money> {
        let node = node?;
        match Money::new(number(node)?) {
            Ok(money) => Some(money),
            Err(error) => {
                self.wrong(node, error);
                None
            }
        }
    }

    fn probability(&mut self, node: Option<&Node>) -> Option<Probability> {
        let node = node?;
        match Probability::new(number(node)?) {
            Ok(probability) => Some(probability),
            Err(error) => {
                self.wrong(node, error);
                None
            }
        }
    }

    /// A plain number, an interval, or three points.
    fn amount(&mut self, node: Option<&Node>) -> Option<Distribution> {
        let node = node?;
        if node.scalar().is_some() {
            let value = number(node)?;
            return self.made(node, Distribution::fixed(value));
        }
        let get = |key: &str| node.get(key).and_then(number);
        let (is, low, high) = (get("is"), get("low"), get("high"));
        let (least, likely, most) = (get("least"), get("likely"), get("most"));
        let spread = node.get("spread").and_then(Node::scalar);
        let given = [is, low, high, least, likely, most].map(|value| value.is_some());
        let made = match (given, spread) {
            ([true, false, false, false, false, false], None) => Distribution::fixed(is?),
            ([false, true, true, false, false, false], None | Some("lognormal")) => {
                Distribution::interval(low?, high?)
            }
            ([false, true, true, false, false, false], Some("uniform")) => Distribution::uniform(low?, high?),
            ([false, false, false, true, true, true], None | Some("pert")) => {
                Distribution::pert(least?, likely?, most?)
            }
            ([false, false, false, true, true, true], Some("triangular")) => {
                Distribution::triangular(least?, likely?, most?)
            }
            _ => {
                self.no_interval(node, given);
                return None;
            }
        };
        self.made(node, made)
    }

    fn made(&mut self, node: &Node, made: Result<Distribution, WrongNumber>) -> Option<Distribution> {
        made.map_err(|error| self.wrong(node, error)).ok()
    }

    /// An amount that is neither a number nor a whole interval.
    fn no_interval(&mut self, node: &Node, given: [bool; 6]) {
        let Value::Map(_) = node.value else { return };
        let missing = match given {
            [_, true, false, ..] => Some("high"),
            [_, false, true, ..] => Some("low"),
            [.., false, true, true] => Some("least"),
            [.., true, false, true] => Some("likely"),
            [.., true, true, false] => Some("most"),
            _ => None,
        };
        let message = match missing {
            Some(key) => {
                Text::new(format!("区間の`{key}`がありません"), format!("the interval lacks `{key}`"))
            }
            None => Text::new("これらのキーの組では範囲が決まりません", "these keys together make no range"),
        };
        self.found.push(Diagnostic::error(Code::MissingKey, message).at(node.span).hint(Text::new(
            "1つの数、`low`と`high`（90%区間）、`least`と`likely`と`most`のどれかで書いてください",
            "give one number, `low` and `high` (a 90 % interval), or `least`, `likely` and `most`",
        )));
    }

    fn reference(&mut self, node: Option<&Node>, known: &[Id], (ja, en): (&str, &str)) -> Option<Id> {
        let node = node?;
        let word = node.scalar()?;
        if let Some(id) = known.iter().find(|id| id.as_str() == word) {
            return Some(id.clone());
        }
        let near = shape::nearest(word, known.iter().map(Id::as_str)).map(shape::did_you_mean);
        let list = Text::new(
            "`anshin quantify`が使える識別子を示します",
            "`anshin quantify` shows the ids that exist",
        );
        self.found.push(
            Diagnostic::error(
                Code::UnknownReference,
                Text::new(format!("`{word}`という{ja}はありません"), format!("there is no {en} `{word}`")),
            )
            .at(node.span)
            .hint(near.unwrap_or(list)),
        );
        None
    }

    fn business(&mut self, node: Option<&Node>) -> Business {
        let Some(node) = node else { return Business::default() };
        Business {
            turnover: self.money(node.get("turnover")),
            person_day: self.money(node.get("person-day")),
            profit_per_day: self.money(node.get("profit-per-day")),
            emergency_cash: self.money(node.get("emergency-cash")),
            people: node.get("people").and_then(number),
            units: node.get("units").and_then(number),
            people_hurt: node.get("people-hurt").and_then(number),
            security_spending: self.money(node.get("security-spending")),
        }
    }

    fn costs(&mut self, node: Option<&Node>) -> Vec<Cost> {
        let mut costs = Vec::new();
        for item in items(node) {
            let Some(id) = word(item, "id").map(Id::from) else { continue };
            let off = word(item, "off") == Some("true");
            let amount = self.amount(item.get("amount"));
            if !self.known.catalog.cost_items.contains_key(&id) && item.get("amount").is_none() {
                let near = shape::nearest(id.as_str(), self.known.catalog.cost_items.keys().map(Id::as_str));
                self.found.push(
                    Diagnostic::error(
                        Code::MissingKey,
                        Text::new(
                            format!("費用`{id}`はカタログに無く、`amount`もありません"),
                            format!("the cost `{id}` is not in the catalog and has no `amount`"),
                        ),
                    )
                    .at(item.span)
                    .hint(near.map_or_else(
                        || Text::new("`amount`を書き足してください", "add `amount`"),
                        shape::did_you_mean,
                    )),
                );
            }
            costs.push(Cost {
                id,
                name: text(item, "name"),
                amount,
                category: word(item, "category").and_then(CostCategory::from_word),
                when: word(item, "when").and_then(CostWhen::from_word),
                per: word(item, "per").and_then(CostPer::from_word),
                chance: self.probability(item.get("chance")),
                off,
            });
        }
        costs
    }

    fn frequencies(&mut self, node: Option<&Node>) -> Vec<(Id, Distribution)> {
        let mut frequencies: Vec<(Id, Distribution)> = Vec::new();
        for item in items(node) {
            let class = self.reference(
                item.get("class"),
                self.known.classes,
                ("起こりやすさの区分", "class of likelihood"),
            );
            let times = self.amount(item.get("per-year"));
            let (Some(class), Some(times)) = (class, times) else { continue };
            if frequencies.iter().any(|(other, _)| *other == class) {
                self.twice(item.get("class").unwrap_or(item), ("区分", "class"), &class);
            } else {
                frequencies.push((class, times));
            }
        }
        frequencies
    }

    /// Something that may stand only once.
    fn twice(&mut self, at: &Node, (ja, en): (&str, &str), id: &Id) {
        self.found.push(
            Diagnostic::error(
                Code::DuplicateId,
                Text::new(format!("{ja}`{id}`が2回書かれています"), format!("the {en} `{id}` stands twice")),
            )
            .at(at.span)
            .hint(Text::new("1つにまとめてください", "put both into one")),
        );
    }

    /// A higher level of the economic axis costs no less than the one below.
    fn levels_rise(
        &mut self,
        node: Option<&Node>,
        levels: &[Option<Distribution>; 3],
        turnover: Option<Money>,
        currency: Option<&str>,
    ) {
        let default = |level: Economic| match turnover.filter(|turnover| *turnover > Money::ZERO) {
            Some(turnover) => {
                Some(self.default(&format!("turnover.{}", level.as_str()))? * turnover.amount())
            }
            None if currency.is_none_or(|currency| currency == "JPY") => {
                self.default(&format!("economic.{}", level.as_str()))
            }
            None => None,
        };
        let steps = Economic::ALL.map(|level| Step {
            name: level.as_str(),
            at: node.and_then(|levels| levels.get(level.as_str())).map(|node| node.span),
            own: levels[level as usize].as_ref().map(Distribution::mean),
            default: default(level),
        });
        let amount = |mean| exactly(mean, currency.unwrap_or("JPY"));
        self.rise(&steps, ("水準", "level"), &amount);
    }

    /// Scenarios of a higher class of likelihood happen no less often than those of the one below.
    fn frequencies_rise(&mut self, node: Option<&Node>, frequencies: &[(Id, Distribution)]) {
        let steps: Vec<Step<'_>> = self
            .known
            .classes
            .iter()
            .map(|class| {
                let of_class = |item: &&Node| word(item, "class") == Some(class.as_str());
                Step {
                    name: class.as_str(),
                    at: items(node).iter().find(of_class).map(|item| item.span),
                    own: frequencies.iter().find(|(own, _)| own == class).map(|(_, times)| times.mean()),
                    default: self.default(&format!("frequency.{class}")),
                }
            })
            .collect();
        self.rise(&steps, ("区分", "class"), &often);
    }

    /// The mean of a default range of the catalog.
    fn default(&self, id: &str) -> Option<f64> {
        let range = self.known.catalog.default_ranges.get(id)?;
        Some(Distribution::interval(range.low, range.high).ok()?.mean())
    }

    /// Numbers that should rise step by step. Two of the user's own that fall are wrong; one that falls
    /// beside a default may be meant, and the next step is to write down the other as well.
    fn rise(&mut self, steps: &[Step<'_>], (ja, en): (&str, &str), number: &dyn Fn(f64) -> Text) {
        for pair in steps.windows(2) {
            let (below, above) = (&pair[0], &pair[1]);
            let means = (below.own.or(below.default), above.own.or(above.default));
            let (Some(mean_below), Some(mean_above)) = means else { continue };
            let Some(at) = above.at.filter(|_| above.own.is_some()).or(below.at) else { continue };
            if mean_above >= mean_below || (below.own.is_none() && above.own.is_none()) {
                continue;
            }
            let (low, high) = (number(mean_below), number(mean_above));
            let message = Text::new(
                format!(
                    "{ja}`{}`の平均（{}）が、その下の{ja}`{}`の平均（{}）より小さくなっています",
                    above.name,
                    high.get(Lang::Ja),
                    below.name,
                    low.get(Lang::Ja)
                ),
                format!(
                    "the mean of the {en} `{}` ({}) is below that of the {en} `{}` under it ({})",
                    above.name,
                    high.get(Lang::En),
                    below.name,
                    low.get(Lang::En)
                ),
            );
            let of_default = match (below.own, above.own) {
                (None, _) => Some(below.name),
                (_, None) => Some(above.name),
                _ => None,
            };
            self.found.push(match of_default {
                None => Diagnostic::error(Code::OutOfRange, message).at(at).hint(Text::new(
                    format!("上の{ja}の値が、下の{ja}の値以上になるように書いてください"),
                    format!("write them so that a higher {en} is not below a lower one"),
                )),
                Some(name) => Diagnostic::warning(Code::OutOfRange, message).at(at).hint(Text::new(
                    format!("`{name}`は既定値です。`{name}`も書いてください"),
                    format!("`{name}` is a default; write your own for it as well"),
                )),
            });
        }
    }

    fn scenarios(&mut self, node: Option<&Node>) -> Vec<OwnScenario> {
        let mut scenarios: Vec<OwnScenario> = Vec::new();
        for item in items(node) {
            let Some(id) = word(item, "scenario").map(Id::from) else { continue };
            let frequency = self.amount(item.get("per-year"));
            let mut parts: Vec<OwnPart> = items(item.get("costs"))
                .iter()
                .filter_map(|part| {
                    let amount = self.amount(part.get("amount"));
                    let chance = self.probability(part.get("chance")).unwrap_or(Probability::ONE);
                    let category = word(part, "category").and_then(CostCategory::from_word)?;
                    Some(OwnPart { category, amount: amount?, chance })
                })
                .collect();
            if let Some(amount) = self.amount(item.get("loss")) {
                parts.push(OwnPart { category: CostCategory::Whole, amount, chance: Probability::ONE });
            }
            let at = item.get("scenario").map_or(item.span, |node| node.span);
            if item.get("loss").is_some() && item.get("costs").is_some() {
                self.found.push(
                    Diagnostic::error(
                        Code::Conflict,
                        Text::new(
                            format!("シナリオ`{id}`に`loss`と`costs`の両方があります"),
                            format!("the scenario `{id}` has both `loss` and `costs`"),
                        ),
                    )
                    .at(at)
                    .hint(Text::new("どちらか一方を残してください", "keep one of them")),
                );
            }
            if scenarios.iter().any(|other| other.id == id) {
                self.twice(item.get("scenario").unwrap_or(item), ("シナリオ", "scenario"), &id);
            }
            let name = text(item, "name");
            let is_known = self.known.scenarios.iter().any(|(known, _)| *known == id);
            self.own_scenario(item.get("scenario").unwrap_or(item), &id);
            let is_whole =
                item.get("per-year").is_some() && (item.get("loss").is_some() || item.get("costs").is_some());
            let is_own = is_whole && name.is_some();
            if !is_known && !is_own {
                let near =
                    shape::nearest(id.as_str(), self.known.scenarios.iter().map(|(id, _)| id.as_str()));
                self.found.push(
                    Diagnostic::error(
                        Code::UnknownReference,
                        Text::new(format!("`{id}`というシナリオはありません"), format!("there is no scenario `{id}`")),
                    )
                    .at(at)
                    .hint(near.map_or_else(
                        || {
                            Text::new(
                                "`anshin quantify`が識別子を示します。独自のシナリオには`name`、`per-year`、`loss`が必要です",
                                "`anshin quantify` shows the ids; a scenario of your own needs `name`, `per-year` and `loss`",
                            )
                        },
                        shape::did_you_mean,
                    )),
                );
            }
            scenarios.push(OwnScenario {
                id,
                name,
                frequency,
                parts,
                off: word(item, "off") == Some("true"),
            });
        }
        scenarios
    }

    fn references(&mut self, node: Option<&Node>, names: &[Id]) -> Vec<Id> {
        let mut found = Vec::new();
        for one in items(node) {
            if let Some(id) = self.reference(Some(one), names, ("シナリオ", "scenario")) {
                self.own_scenario(one, &id);
                found.push(id);
            }
        }
        found
    }

    /// A scenario that befalls somebody else is no part of this organization's money.
    fn own_scenario(&mut self, at: &Node, id: &Id) {
        let Some(organization) = &self.befalls else { return };
        let Some((_, other)) = self.known.scenarios.iter().find(|(known, _)| known == id) else { return };
        if other == organization {
            return;
        }
        self.found.push(
            Diagnostic::error(
                Code::UnknownReference,
                Text::new(
                    format!("シナリオ`{id}`が及ぶのは`{organization}`ではなく`{other}`です"),
                    format!("the scenario `{id}` befalls `{other}`, not `{organization}`"),
                ),
            )
            .at(at.span)
            .hint(Text::new(
                format!("この記述を消すか、`organization: {other}`の金額ファイルに移してください"),
                format!("remove it, or move it to a money file with `organization: {other}`"),
            )),
        );
    }

    /// Only what is still to be done can be worth its cost.
    fn still_to_do(&mut self, at: &Node, id: &Id, status: Status) {
        let (message, hint) = match status {
            Status::Planned => return,
            Status::InPlace => (
                Text::new(
                    format!("対策`{id}`はシステム文書で実施済みです"),
                    format!("the measure `{id}` is in place already, as the system document says"),
                ),
                Text::new(
                    "この記述を消し、毎年の費用は`business`の`security-spending`に含めてください",
                    "remove it, and count what it costs each year under `business: security-spending`",
                ),
            ),
            Status::Refused => (
                Text::new(
                    format!("対策`{id}`はシステム文書で見送られています"),
                    format!("the measure `{id}` is refused in the system document"),
                ),
                Text::new(
                    "この記述を消すか、行うならシステム文書で`status: planned`にしてください",
                    "remove it, or write `status: planned` in the system document if it is to be done",
                ),
            ),
        };
        self.found.push(Diagnostic::error(Code::Conflict, message).at(at.span).hint(hint));
    }

    fn measure(&mut self, item: &Node, names: &[Id]) -> Option<OwnMeasure> {
        let id = Id::from(word(item, "id")?);
        let own = OwnMeasure {
            name: text(item, "name"),
            cost: self.money(item.get("cost")),
            cost_per_year: self.money(item.get("cost-per-year")),
            years: item.get("years").and_then(number),
            prevents: self.probability(item.get("prevents")),
            softens: self.probability(item.get("softens")),
            scenarios: self.references(item.get("scenarios"), names),
            id,
        };
        let known = self.known.measures.iter().find(|(id, _)| *id == own.id);
        if let Some((_, status)) = known {
            self.still_to_do(item.get("id").unwrap_or(item), &own.id, *status);
        }
        if known.is_none() && item.get("prevents").is_none() && item.get("softens").is_none() {
            let near = shape::nearest(own.id.as_str(), self.known.measures.iter().map(|(id, _)| id.as_str()));
            let id = &own.id;
            self.found.push(
                Diagnostic::error(
                    Code::MissingKey,
                    Text::new(
                        format!("対策`{id}`はシステム文書に無く、`prevents`も`softens`もありません"),
                        format!("the measure `{id}` is not in the system document and has neither `prevents` nor `softens`"),
                    ),
                )
                .at(item.span)
                .hint(near.map_or_else(
                    || {
                        Text::new(
                            "防ぐ割合`prevents`か、減らす割合`softens`を書き足してください",
                            "add `prevents`, the share of incidents it prevents, or `softens`, the share of the loss it saves",
                        )
                    },
                    shape::did_you_mean,
                )),
            );
        }
        Some(own)
    }

    fn policy(&mut self, item: &Node, names: &[Id]) -> Option<OwnPolicy> {
        Some(OwnPolicy {
            id: Id::from(word(item, "id")?),
            name: text(item, "name"),
            in_place: word(item, "status") == Some("in-place"),
            cyber: match word(item, "cyber") {
                Some("silent") => Cyber::Silent,
                Some("excluded") => Cyber::Excluded,
                _ => Cyber::Included,
            },
            premium: self.money(item.get("premium")).unwrap_or(Money::ZERO),
            deductible: self.money(item.get("deductible")).unwrap_or(Money::ZERO),
            pays: self.probability(item.get("pays")).unwrap_or(Probability::ONE),
            limit: self.money(item.get("limit")),
            limit_per_year: self.money(item.get("limit-per-year")),
            covers: items(item.get("covers"))
                .iter()
                .filter_map(|node| node.scalar().and_then(CostCategory::from_word))
                .collect(),
            excludes: self.references(item.get("excludes"), names),
        })
    }
}

fn posture(node: &Node) -> Option<PostureAnswers> {
    Some(PostureAnswers {
        it: match word(node, "it")? {
            "strategic" => ItUse::Strategic,
            "supporting" => ItUse::Supporting,
            "restricted" => ItUse::Restricted,
            _ => ItUse::None,
        },
        security: match word(node, "security")? {
            "pursued" => Attitude::Pursued,
            "understood" => Attitude::Understood,
            "not-understood" => Attitude::NotUnderstood,
            _ => Attitude::NoMeans,
        },
    })
}

fn items(node: Option<&Node>) -> &[Node] {
    node.map_or(&[][..], Node::items)
}

fn word<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key)?.scalar()
}

fn number(node: &Node) -> Option<f64> {
    node.scalar()?.parse().ok()
}

fn text(node: &Node, key: &str) -> Option<Text> {
    serde::Deserialize::deserialize(node.get(key)?).ok()
}

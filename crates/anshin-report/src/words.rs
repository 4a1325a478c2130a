//! The words of the format in both languages: lists, keys and choices.

use anshin_model::Text;

/// The lists of a document; what one item of it is called.
const LISTS: &[(&str, &str, &str)] = &[
    ("system", "対象システム", "System"),
    ("stakeholders", "ステークホルダー", "Stakeholder"),
    ("zones", "区分", "Zone"),
    ("assets", "機器", "Asset"),
    ("data", "データ", "Data"),
    ("links", "接続", "Link"),
    ("flows", "データフロー", "Data flow"),
    ("subsystems", "分けて評価する部分", "Part rated apart"),
    ("targets", "目標とするリスクの水準", "Risk target"),
    ("incidents", "想定されるセキュリティインシデント", "Incident"),
    ("measures", "対策", "Measure"),
    ("decisions", "決定", "Decision"),
    ("acceptances", "残るリスクの受容", "Acceptance"),
];

/// Keys; `object.key` where a key means something else in one object.
const KEYS: &[(&str, &str, &str)] = &[
    ("asset", "機器", "asset"),
    ("assets", "機器", "assets"),
    ("by", "対策の実施主体", "implementer"),
    ("acceptance.by", "受け入れる人", "accepted by"),
    ("by-law", "法令による義務", "demanded by law"),
    ("decision.by", "決めた人", "decided by"),
    ("carries", "伝送するデータ", "data carried"),
    ("cost", "費用", "cost"),
    ("cost-per-year", "年ごとの費用", "cost per year"),
    ("criticality", "依存の大きさ", "criticality"),
    ("date", "決定日", "date"),
    ("days", "人日", "person-days"),
    ("decide", "決定の内容", "decision"),
    ("depends-on", "システムへの依存", "dependence on the system"),
    ("does", "内容", "what happens"),
    ("duties", "そのほかに担うこと", "other duties"),
    ("economic", "第2軸 経済的影響の度合い", "economic axis"),
    ("evidence", "証跡", "evidence"),
    ("expertise", "持っている知識", "expertise"),
    ("from", "始める側の機器", "from"),
    ("hazards", "危険源", "hazards"),
    ("how", "どのように", "how"),
    ("id", "識別子", "id"),
    ("kind", "種類", "kind"),
    ("lead", "適用主体", "lead"),
    ("link", "接続", "link"),
    ("made-by", "製造する者", "made by"),
    ("maintained-by", "保守する者", "maintained by"),
    ("measure", "カタログの対策", "measure of the catalog"),
    ("name", "名前", "name"),
    ("note", "備考", "note"),
    ("on", "対象の機器", "on the assets"),
    ("operated-by", "使う者", "operated by"),
    ("outside", "ほかに影響を受ける者", "whom else it hits"),
    ("over", "媒体", "medium"),
    ("owner", "誰の秘密か", "owner of the secret"),
    ("person", "個人", "private person"),
    ("protections", "保護", "protections"),
    ("protocol", "プロトコル", "protocol"),
    ("purpose", "目的", "purpose"),
    ("rated-by", "誰の立場で評価するか", "rated in the view of"),
    ("reach", "顧客の広がり", "reach"),
    ("reason", "理由", "reason"),
    ("recovery", "第1軸 回復困難性の度合い", "recovery axis"),
    ("requirement", "対策要件", "requirement"),
    ("restore", "復旧までの時間", "time to restore"),
    ("result", "結果", "result"),
    ("role", "役割", "role"),
    ("safeguards", "安全策", "safeguards"),
    ("scenario", "シナリオ", "scenario"),
    ("seen", "確かめた事実の指紋", "fingerprint seen"),
    ("sensitivity", "漏えいの重さ", "sensitivity"),
    ("service", "止まるもの", "what stands still"),
    ("setting", "誰がどこで使うか", "setting"),
    ("stage", "段階", "stage"),
    ("status", "状況", "status"),
    ("steps", "手順", "steps"),
    ("stores", "保存するデータ", "data stored"),
    ("subject", "誰の個人情報か", "personal data of"),
    ("decision.subject", "対象の提案", "proposal"),
    ("substitute", "代わりの手段", "substitute"),
    ("threat", "脅威", "threat"),
    ("through", "中継する機器", "through"),
    ("to", "相手の機器", "to"),
    ("hazard.to", "被害を受ける者", "whom it hurts"),
    ("traits", "性質", "traits"),
    ("unlikely", "起こりにくいことが重なったときだけ", "only if several unlikely things coincide"),
    ("until", "期限", "until"),
    ("updated-by", "更新を届ける者", "updated by"),
    ("value", "提案に代わる値", "value"),
    ("what", "何を", "what"),
    ("incident.what", "起こること", "what happens"),
    ("when", "いつ", "when"),
    ("where", "どこで", "where"),
    ("who", "誰が", "who"),
    ("why", "なぜ", "why"),
    ("within", "含まれる区分", "within"),
    ("without", "当てはまらない性質", "traits it does not have"),
    ("worst", "最悪の被害", "worst harm"),
    ("zone", "設置場所", "zone"),
];

/// Words to choose from; `key word`, or the word alone where it means the same everywhere.
const CHOICES: &[(&str, &str, &str)] = &[
    ("true", "はい", "yes"),
    ("false", "いいえ", "no"),
    ("household", "家庭で個人が使う", "household"),
    ("business", "職場で組織が使う", "business"),
    ("public", "公共の場で誰もが使う", "public"),
    ("ordinary", "自らの利用者だけ", "ordinary"),
    ("criticality supply-chain", "他社の供給", "supply chain"),
    ("critical-infrastructure", "社会の重要インフラ", "critical infrastructure"),
    ("planning", "企画・設計中", "planning"),
    ("development", "構築中", "development"),
    ("operation", "運用中", "operation"),
    ("developer", "IoTサービス開発者", "developer"),
    ("provider", "IoTサービス提供者", "provider"),
    ("user", "IoT利用者", "user"),
    ("third-party", "周辺の第三者", "third party"),
    ("expertise none", "特になし", "none"),
    ("it", "コンピュータ", "computers"),
    ("ot", "設備や機械", "plant and machines"),
    ("security", "セキュリティ", "security"),
    ("one", "このシステムだけ", "this system only"),
    ("several", "いくつかの顧客", "several customers"),
    ("many", "市場全体", "a market"),
    ("installs", "設置と設定", "installs"),
    ("advises", "販売、説明、問い合わせへの回答", "advises"),
    ("supports", "運用中の利用者の支援", "supports"),
    ("daily-life", "日々の暮らし", "daily life"),
    ("side-business", "副次的な事業", "side business"),
    ("core-business", "主たる事業", "core business"),
    ("livelihood", "個人の生計", "livelihood"),
    ("yes", "十分にある", "fully"),
    ("partly", "一部ある", "in part"),
    ("no", "無い", "none"),
    ("hours", "1日以内", "within a day"),
    ("days", "1週間以内", "within a week"),
    ("weeks", "1か月以内", "within a month"),
    ("months", "1年以内", "within a year"),
    ("years", "1年を超える", "longer than a year"),
    ("outside none", "無し", "nobody"),
    ("customers", "顧客", "customers"),
    ("outside supply-chain", "サプライチェーンの先の企業", "supply chain"),
    ("area", "地域", "area"),
    ("society", "社会", "society"),
    ("minor-injury", "軽いけが", "minor injury"),
    ("serious-injury", "重いけが", "serious injury"),
    ("death", "死亡", "death"),
    ("low", "軽い", "low"),
    ("high", "重い", "high"),
    ("encrypted", "暗号化", "encrypted"),
    ("authenticated", "相互の認証", "authenticated"),
    ("allow-listed", "登録したものだけを通す", "allow-listed"),
    ("one-way", "一方向だけに流す", "one-way"),
    ("limited", "限定的", "limited"),
    ("serious", "重大", "serious"),
    ("critical", "致命的", "critical"),
    ("catastrophic", "壊滅的", "catastrophic"),
    ("in-place", "実施済み", "in place"),
    ("planned", "予定", "planned"),
    ("refused", "見送り", "refused"),
    ("accept", "提案のとおり", "accept"),
    ("reject", "採らない", "reject"),
    ("override", "別の値にする", "override"),
];

fn find(table: &[(&str, &str, &str)], word: &str) -> Option<Text> {
    table.iter().find(|row| row.0 == word).map(|(_, ja, en)| Text::new(*ja, *en))
}

/// What an item of a list is called.
pub(crate) fn list(name: &str) -> Text {
    find(LISTS, name).unwrap_or_else(|| Text::same(name))
}

/// What a key of an object is called.
pub(crate) fn key(object: &str, key: &str) -> Text {
    find(KEYS, &format!("{object}.{key}")).or_else(|| find(KEYS, key)).unwrap_or_else(|| Text::same(key))
}

/// What a word means where it is a choice of a key.
pub(crate) fn choice(key: &str, word: &str) -> Text {
    find(CHOICES, &format!("{key} {word}"))
        .or_else(|| find(CHOICES, word))
        .unwrap_or_else(|| Text::same(word))
}

#[cfg(test)]
pub(crate) fn has_list(name: &str) -> bool {
    find(LISTS, name).is_some()
}

#[cfg(test)]
pub(crate) fn has_key(object: &str, key: &str) -> bool {
    find(KEYS, &format!("{object}.{key}")).or_else(|| find(KEYS, key)).is_some()
}

#[cfg(test)]
pub(crate) fn has_choice(key: &str, word: &str) -> bool {
    find(CHOICES, &format!("{key} {word}")).or_else(|| find(CHOICES, word)).is_some()
}

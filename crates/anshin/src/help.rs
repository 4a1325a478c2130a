//! The help in Japanese.

use clap::{Arg, Command};

/// The database of monitors, for whoever speaks to them.
const DATABASE_OF_TEAM: &str = "フォルダーの代わりに使う、監視のデータベース（`postgres://ユーザー@ホスト/名前`など）。どの監視が判定していても、チームの機械すべてに届きます";

/// Which monitors of a database are meant.
const TEAM_OF_DATABASE: &str = "データベースを共にするものが複数あるとき、チームの名前か、単独の監視の名前";

/// Command or argument (`command/argument`) and its help.
const JAPANESE: &[(&str, &str)] = &[
    ("", "IoTのセキュリティとセーフティを、企画の最初の一枚から最後の1台の廃棄まで支えます。"),
    ("/lang", "出力の言語（ja: 日本語、en: 英語）。省略時は環境（LC_ALL、LC_MESSAGES、LANG）から決めます"),
    ("/catalog", "内蔵の知識カタログに重ねる、独自のカタログのファイルまたはフォルダ。複数指定できます"),
    ("/color", "色を使う条件（auto: 端末のとき、always: 常に、never: 使わない）"),
    ("/help", "この説明を表示します"),
    ("/version", "版を表示します"),
    ("init", "雛形または例から、新しいシステム文書を作ります"),
    ("init/file", "作るファイル。すでにあるファイルには書きません"),
    ("init/template", "この雛形から始めます"),
    ("init/example", "この例から始めます"),
    ("init/list", "雛形と例を一覧表示します"),
    ("init/name", "対象システムの名前"),
    ("init/no_input", "端末でも質問をしません"),
    ("check", "システム文書を検査し、誤りをまとめて示します"),
    ("check/file", "システム文書（YAMLまたはJSON）"),
    ("check/strict", "警告も誤りとして扱います"),
    ("check/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    ("assess", "システムを評価します（リスクのマッピング、脅威、対策要件、優先順位、計画）"),
    ("assess/file", "システム文書（YAMLまたはJSON）"),
    ("assess/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    ("assess/output", "端末の代わりにこのファイルへ書きます"),
    ("assess/answers", "チェックシートの回答。対策要件について分かることを示します。複数指定できます"),
    (
        "assess/monitor",
        "機械を見守る監視の記録（状態のフォルダー、またはチームのデータベースのアドレス）。エビデンスとして示します",
    ),
    ("assess/verbose", "すべての提案の理由と、足切り未満の脅威も示します"),
    (
        "assess/fail_on",
        "これが見つかったら終了コード1で終わります（outside-target: 目標の水準を超えるステークホルダー、stale-decision: 見直しが必要な決定、warning: 文書についての警告、expired-acceptance: 期限の過ぎたリスクの受容）。複数指定できます",
    ),
    ("plan", "対策を選びます（目標に収まる最も安い組合せ、または予算内で最も効く組合せ）"),
    ("plan/file", "システム文書（YAMLまたはJSON）"),
    (
        "/goal",
        "目指すもの（target: すべてのステークホルダーを最も安く目標に収める、effect: 制限の中でリスクを最も減らす）。省略時は、予算がなければtarget、あればeffect",
    ),
    ("/budget", "全期間の予算の総額"),
    ("/budget_per_year", "1年あたりの予算"),
    ("/limit", "1つのステークホルダーが全期間に払える額（ステークホルダー=金額）。複数指定できます"),
    ("/days", "作業の総人日"),
    (
        "/days_per_quarter",
        "それぞれのステークホルダーが四半期に使える人日。省略時は制限とせず、工程表に20を使います",
    ),
    ("plan/today", "受容の期限を判断する日（YYYY-MM-DD）。省略時は今日"),
    ("plan/years", "費用を数える年数（1から10、省略時は3）"),
    ("/refuse", "計画に入れない対策（id、または 対策@ステークホルダー）。複数指定できます"),
    ("/require", "必ず計画に入れる対策（id、または 対策@ステークホルダー）。複数指定できます"),
    ("plan/matrix", "リスクマトリクス。1つを収めたファイル、またはカタログにあるものの識別子（standard）"),
    ("plan/money", "自社の数値のファイル。計画で変わる額を金額で示します"),
    ("/effort", "1つの問いについて解く線形計画の上限（省略時は10000）"),
    (
        "plan/format",
        "出力の形式（text: 人が読む形、json: プログラムで読む安定した形、yaml: 文書に加える対策の項目、svg: 費用と残るリスクのグラフ）",
    ),
    ("plan/output", "端末の代わりにこのファイルへ書きます"),
    (
        "plan/fail_on",
        "これが見つかったら終了コード1で終わります（outside-target: 目標の外に残るステークホルダー）",
    ),
    ("assess/today", "受容の期限を判断する日（YYYY-MM-DD）。省略時は今日"),
    ("paths", "リスクシナリオとその攻撃経路、対策後の水準、残るリスクを示します"),
    ("paths/file", "システム文書（YAMLまたはJSON）"),
    ("paths/scenario", "1つのシナリオを、すべての経路と理由とともに示します（機器/結果/ステークホルダー）"),
    (
        "paths/measures",
        "文書の対策のうち、講じたとみなすもの（none: なし、in-place: 実施済み、planned: 実施済みと計画中）",
    ),
    ("paths/matrix", "リスクマトリクス。1つを収めたファイル、またはカタログにあるものの識別子（standard）"),
    ("paths/paths", "機器ごとに探す経路の数"),
    ("paths/verbose", "すべてのシナリオを示します"),
    ("paths/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    ("paths/today", "受容の期限を判断する日（YYYY-MM-DD）。省略時は今日"),
    (
        "paths/fail_on",
        "これが見つかったら終了コード1で終わります（above-cut: さらに検討するシナリオ、outside-target: 対策後も目標の水準を超えるステークホルダー、open-risk: 誰も受容していない残留リスク、expired-acceptance: 期限の過ぎた受容、unknown-scenario: 無いシナリオの受容）。複数指定できます",
    ),
    ("replay", "過去の事例を再現し、事前の評価で示せたかを確かめます"),
    ("replay/incident", "事例。省略時はすべてを一覧表示します"),
    ("replay/list", "事例を、起きたシナリオの順位とともに一覧表示します"),
    ("replay/matrix", "リスクマトリクス。1つを収めたファイル、またはカタログにあるものの識別子（standard）"),
    ("replay/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    ("replay/report", "報告（ページ、Excel、PDF）も書き出すフォルダー"),
    ("report", "評価の結果を、渡せるファイル（HTML、Excel、PDF、Wordの依頼書、図）として書き出します"),
    (
        "report/answers",
        "チェックシートの回答ファイル。対策要件について分かることのワークシートを加えます。複数指定できます",
    ),
    (
        "report/monitor",
        "機械を見守る監視の記録（状態のフォルダー、またはチームのデータベースのアドレス）。エビデンスとして示します",
    ),
    ("report/file", "システム文書（YAMLまたはJSON）"),
    ("report/output", "書き出すフォルダー。なければ作ります"),
    (
        "report/format",
        "書き出すもの（all: 以下のすべて。作れないものがあれば誤り、html: 報告書と依頼書のページ、xlsx: ワークシートごとのシートを持つブック、pdf: 報告書と依頼書のPDF、docx: 依頼書のWord文書、svg: 図）。省略時は、その環境で作れるものすべて。複数指定できます",
    ),
    (
        "report/plan",
        "最も安い対策の組合せを選び、時期、費用とリスクの曲線と合わせて報告に加えます。計算に時間がかかることがあります",
    ),
    ("report/years", "--planで費用を数える年数（1から10、省略時は3）"),
    ("report/matrix", "リスクマトリクス。1つを収めたファイル、またはカタログにあるものの識別子（standard）"),
    ("report/today", "受容の期限を判断する日（YYYY-MM-DD）。省略時は今日"),
    ("report/money", "自社の数値のファイル。帳票に「金額で見たリスク」を加えます"),
    ("quantify", "システムのリスクを、1年の損失と対策の価値として金額で示します"),
    ("quantify/file", "システム文書（YAMLまたはJSON）"),
    ("quantify/money", "自社の数値のファイル。省略時は既定値で計算します"),
    ("quantify/template", "書き込んで使う、自社の数値のファイルのひな形を表示します"),
    ("quantify/plan", "文書の計画の代わりに、`anshin plan`が選ぶ対策で計算します"),
    ("quantify/budget", "目標に収まる最も安い対策の代わりに、この予算（3年間）で最も効く対策を選びます"),
    (
        "quantify/matrix",
        "リスクマトリクス。1つを収めたファイル、またはカタログにあるものの識別子（standard）",
    ),
    ("quantify/years", "計算する年数"),
    ("quantify/seed", "乱数のシード。同じシードなら同じ結果になります"),
    ("quantify/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    ("quantify/output", "端末の代わりにこのファイルへ書きます"),
    ("quantify/verbose", "すべてのシナリオと対策、数値の出どころを示します"),
    ("report/only_for", "このステークホルダーへの依頼書だけを書き出します"),
    ("report/branding", "組織名、ロゴ、色、文書番号などを書いた小さなYAMLファイル"),
    (
        "report/font",
        "PDFとブックの図に使うフォントのファイル。システムのフォントより先に使います。複数指定できます",
    ),
    ("import", "Excelのブックに加えた変更を、システム文書に取り込みます"),
    ("import/book", "`anshin report`が作り、変更を加えたブック（.xlsx）"),
    ("import/into", "変更を書き込むシステム文書。コメントと順序は保たれます"),
    ("import/dry_run", "変更を表示するだけで、何も書き込みません"),
    ("import/yes", "確かめずに書き込みます"),
    ("explain", "ある提案の理由、または提案されない理由を説明します"),
    ("explain/file", "システム文書（YAMLまたはJSON）"),
    (
        "explain/subject",
        "threat/機器/脅威、rating/ステークホルダー/軸、requirement/対策要件、implementer/対策要件のいずれか",
    ),
    ("diff", "システムの2つの版の違いを、行ではなく意味で示します"),
    ("diff/old", "以前のシステム文書"),
    ("diff/new", "今のシステム文書。--gitを付け、ファイル名が変わっていなければ省略できます"),
    ("diff/git", "OLDをgitのこのリビジョンから読みます。REV..REVと書くと、NEWを2つ目から読みます"),
    (
        "diff/format",
        "出力の形式（text: 人が読む形、json: プログラムで読む安定した形、html: 単独で完結する1つのページ）",
    ),
    ("diff/output", "標準出力ではなく、このファイルに書きます"),
    (
        "diff/fail_on",
        "これが見つかったら終了コード1で終わります（changes: 何らかの変更、worse: 新たに目標の水準を超えたステークホルダー、水準の悪化、足切り以上の新たな脅威、リスクの高まったシナリオ、新たに見直しが必要になった決定）。複数指定できます",
    ),
    ("monitor", "機械を見守ります（1サイクルの電力量と時間、警報、稼働率）"),
    ("monitor demo", "故障の起きる小さな工場を動かし、監視がどう知らせるかを示します"),
    ("monitor demo/seconds", "見守る長さ（秒）"),
    ("monitor demo/speed", "1秒に工場で何秒進めるか"),
    ("monitor demo/no_wait", "待たずに、同じ長さをできるだけ速く進めます"),
    ("monitor demo/seed", "工場の別の1日"),
    ("monitor demo/format", "出力の形式（text: 人が読む形、json: サイクルと警報を1行ずつ）"),
    ("monitor demo/state", "動いている監視と同じように、記録、状態、設定を残すフォルダー"),
    ("monitor demo/report", "機械の稼働をまとめた報告（ページ、Excel、図）を書き出すフォルダー"),
    ("monitor init", "機器とブローカーを探し、見守るための設定を提案します"),
    (
        "monitor init/recordings",
        "ネットワークの代わりに調べる記録（CSVの表、アダプターのSHDR）。機械ごとに1つずつ指定します",
    ),
    ("monitor init/output", "設定を、画面の代わりにこのファイルに書きます"),
    ("monitor init/broker", "聞いてみるMQTTブローカー。省略時はこのコンピューターのもの。複数指定できます"),
    (
        "monitor init/nats",
        "ストリームを調べるNATSサーバー。省略時はこのコンピューターのもの。複数指定できます",
    ),
    ("monitor init/user", "ブローカー、NATSサーバー、OPC UAサーバーのユーザー"),
    (
        "monitor init/password_environment",
        "ブローカー、NATSサーバー、OPC UAサーバーのパスワードを入れた環境変数",
    ),
    ("monitor init/agent", "尋ねるMTConnectエージェント。省略時はこのコンピューターのもの。複数指定できます"),
    ("monitor init/modbus", "どの電力計かを尋ねるModbusの機器。機器番号があれば付けます。複数指定できます"),
    ("monitor init/opc_ua", "変数を調べるOPC UAサーバー。複数指定できます"),
    ("monitor init/on", "ECHONET Liteの機器を探すネットワークでの、このコンピューターのアドレス"),
    ("monitor init/seconds", "ブローカーを聞き、返事を待つ秒数"),
    ("monitor check", "設定を検査し、何を見守るかを説明します"),
    ("monitor check/file", "設定ファイル"),
    ("monitor check/system", "機械が表す機器のあるシステム文書。警報が危険とシナリオも示します"),
    ("monitor replay", "記録を監視に通します。読める限りの速さで、または決めた速さで"),
    ("monitor replay/file", "設定ファイル"),
    (
        "monitor replay/recordings",
        "記録（CSV、Parquet、SHDR）。入力元が複数あるときは「入力元=ファイル」と書きます。同じ入力元のファイルは順に、異なる入力元の記録は時刻を合わせて読みます",
    ),
    ("monitor replay/history", "監視の状態のフォルダーにある計測値の履歴を通します"),
    ("monitor replay/from", "履歴のうち、この日か日時（工場の時刻）から（2026-04-01か2026-04-01T08:30の形）"),
    ("monitor replay/to", "履歴のうち、この日か日時まで"),
    ("monitor replay/system", "機械が表す機器のあるシステム文書。警報が危険とシナリオも示します"),
    ("monitor replay/verbose", "正常なサイクルも示します"),
    ("monitor replay/format", "出力の形式（text: 人が読む形、json: サイクル、警報、日ごとの稼働を1行ずつ）"),
    ("monitor replay/speed", "1秒に記録を何秒進めるか（1なら実際と同じ速さ）。省略時は読める限りの速さ"),
    ("monitor replay/fail_on_alert", "警報が出たら終了コード1で終わります"),
    ("monitor replay/report", "機械の稼働をまとめた報告（ページ、Excel、図）を書き出すフォルダー"),
    ("monitor run", "Ctrl+Cか信号で止めるまで、機械を見守ります"),
    ("monitor run/file", "設定ファイル"),
    ("monitor run/state", "終了後も残すもの（基準、警報の記録、履歴）のフォルダー"),
    ("monitor run/listen", "内蔵のMQTTブローカーが待ち受ける場所（アドレスのない入力元のため）"),
    ("monitor run/system", "機械が表す機器のあるシステム文書。警報が危険とシナリオも示します"),
    ("monitor run/http", "メッセージを受け、Prometheusに指標を渡す場所。必要な入力元があれば127.0.0.1:8090"),
    ("monitor run/clients", "内蔵のMQTTブローカーに同時につながる機器の数の上限"),
    (
        "monitor run/per_address",
        "1つのアドレスから内蔵ブローカー、HTTP（全体で100まで）に同時につなげる数。省略時は全体の半分。NATの内側やコンテナでは、すべての機器が1つのアドレスから来ることがあります",
    ),
    ("monitor run/keep_days", "サイクルの履歴と、データベースのサイクルと警報を残す日数。基準は消しません"),
    (
        "monitor run/database",
        "記録を写すデータベース（postgres://user@host/nameなど）。省略時はフォルダーのSQLite、noneなら使いません",
    ),
    ("monitor run/worker", "データベースでのこの監視の名前"),
    (
        "monitor run/team",
        "同じチーム名と同じデータベースを指定した監視どうしで、機械を分担します。1台を1つの監視が判定し、もう1つが控えます。監視ごとに別の`--worker`と`--state`が必要です",
    ),
    ("monitor run/readings", "計測値の履歴（Parquet）に使ってよいメガバイト数。0なら残しません"),
    ("monitor run/verbose", "正常なサイクルも示します"),
    ("monitor run/format", "出力の形式（text: 人が読む形、json: サイクル、警報、日ごとの稼働を1行ずつ）"),
    ("monitor acknowledge", "警報を確認したことを、動いている監視に伝えます"),
    ("monitor acknowledge/about", "機械、グループ、または入力元"),
    ("monitor acknowledge/alert", "警報（too-slowなど）。省くと、出ているもの全部"),
    ("monitor acknowledge/by", "確認した人"),
    ("monitor acknowledge/note", "書き添えること"),
    ("monitor acknowledge/state", "監視の状態のフォルダー"),
    ("monitor acknowledge/database", DATABASE_OF_TEAM),
    ("monitor acknowledge/team", TEAM_OF_DATABASE),
    ("monitor maintain", "機械が保全中であることを、動いている監視に伝えます。その間は判定も学習もしません"),
    ("monitor maintain/machine", "機械"),
    (
        "monitor maintain/minutes",
        "かかる時間（分）。0は、そのとき行われているか予定されている保全を、設定による予定も含めて、その回の残りだけ終わらせます",
    ),
    (
        "monitor maintain/from",
        "始まる日時（工場のタイムゾーン。2026-04-01T22:00のような日時か、日付）。省くと今から",
    ),
    ("monitor maintain/to", "終わる日時（分の代わり。日付ならその日いっぱい）"),
    ("monitor maintain/by", "伝える人"),
    ("monitor maintain/state", "監視の状態のフォルダー"),
    ("monitor maintain/database", DATABASE_OF_TEAM),
    ("monitor maintain/team", TEAM_OF_DATABASE),
    ("monitor approve", "監視が覚えた基準を承認します"),
    ("monitor approve/machine", "機械"),
    ("monitor approve/key", "ジョブを表すキーの部分を順に"),
    ("monitor approve/mode", "動き方の番号"),
    ("monitor approve/by", "承認する人"),
    ("monitor approve/state", "監視の状態のフォルダー"),
    ("monitor approve/database", DATABASE_OF_TEAM),
    ("monitor approve/team", TEAM_OF_DATABASE),
    ("monitor forget", "段取りの動きなど、誤って覚えた基準を監視に忘れさせます"),
    ("monitor forget/machine", "機械"),
    ("monitor forget/key", "ジョブを表すキーの部分を順に。省くと、その機械のジョブすべて"),
    ("monitor forget/mode", "動き方の番号。省くと、すべて"),
    ("monitor forget/by", "伝える人"),
    ("monitor forget/state", "監視の状態のフォルダー"),
    ("monitor forget/database", DATABASE_OF_TEAM),
    ("monitor forget/team", TEAM_OF_DATABASE),
    ("monitor status", "監視の知っていること（基準、出ている警報、保全、稼働）を示します"),
    ("monitor status/state", "監視の状態のフォルダー"),
    ("monitor status/database", DATABASE_OF_TEAM),
    ("monitor status/team", TEAM_OF_DATABASE),
    ("monitor status/format", "出力の形式"),
    ("monitor query", "記録（サイクル、警報、基準）を調べます"),
    ("monitor query/what", "調べるもの（cycles: サイクル、alerts: 警報、references: 基準とその版）"),
    ("monitor query/state", "監視の状態のフォルダー"),
    ("monitor query/database", "フォルダーのものの代わりに使う、記録を写したデータベース"),
    ("monitor query/machine", "この機械だけ"),
    ("monitor query/from", "この時刻から（2026-04-01や2026-04-01T08:30の形。時刻は工場のもの）"),
    ("monitor query/to", "この時刻まで（日だけなら、その日いっぱい）"),
    (
        "monitor query/finding",
        "この判定のサイクル（outside、unreliableなど）、またはこの警報（too-slowなど）だけ",
    ),
    ("monitor query/limit", "新しいものからこの件数"),
    ("monitor query/format", "出力の形式（text: 人が読む形、json: 1行に1件）"),
    ("monitor export", "監視が見たものをファイルに書きます（サイクル、警報、機械の使われ方）"),
    ("monitor export/file", "設定ファイル"),
    ("monitor export/cycles", "履歴のサイクルをこのファイルに書きます（.csvか.xlsx）"),
    ("monitor export/alerts", "警報の記録を、確認した人とともにこのファイルに書きます（.csvか.xlsx）"),
    ("monitor export/report", "機械の使われ方の報告（ページ、Excel、図）を書くフォルダー"),
    ("monitor export/state", "監視の状態のフォルダー"),
    (
        "monitor export/database",
        "チームのデータベース（postgres://ユーザー@ホスト/名前など）。1つのフォルダーの代わりに、チームの監視すべての分を書きます",
    ),
    ("monitor export/machine", "この機械のサイクルと警報だけ"),
    ("monitor export/from", "この時刻から（2026-04-01や2026-04-01T08:30の形。時刻は工場のもの）"),
    ("monitor export/to", "この時刻まで（日だけなら、その日いっぱい）"),
    ("monitor find", "ECHONET Liteの機器がないか、ネットワークに尋ねます"),
    ("monitor find/on", "そのネットワークでのこのコンピューターのアドレス"),
    ("monitor find/seconds", "返事を待つ秒数"),
    ("monitor schema", "設定のJSON Schemaを表示します（エディター用）"),
    ("serve", "ウェブプログラムを起動します。ブラウザーでシステムを評価できます"),
    ("serve/config", "設定ファイル。環境変数（ANSHIN_…）、この指定の順に優先されます"),
    ("serve/data", "データのフォルダー（省略時はanshin-data）。なければ作ります"),
    ("serve/listen", "待ち受けるIPアドレスとポート（省略時は127.0.0.1:8080）"),
    ("serve/database", "フォルダーの代わりに使うPostgreSQLのアドレス（postgres://ユーザー@ホスト/名前）"),
    ("serve/behind_proxy", "前に立つプロキシが暗号化し、接続元を伝えるか（yes、no）"),
    ("serve/certificate", "プログラム自身が暗号化するための証明書（PEM）。--keyと一緒に指定します"),
    ("serve/key", "証明書の鍵（PEM）"),
    ("serve/authorities", "ほかに信頼する認証局の証明書（PEM）"),
    (
        "serve/openid_issuer",
        "サインインに使えるOpenID Connectのプロバイダーのアドレス。--openid-clientと一緒に指定します",
    ),
    ("serve/openid_client", "プロバイダーがこのプログラムに付けた名前（クライアントID）"),
    ("serve/openid_secret", "プロバイダーがこのプログラムに渡したクライアントシークレットのファイル"),
    ("serve/openid_name", "プロバイダーの呼び名（省略時はアドレスのホスト名）"),
    (
        "serve/openid_by_email",
        "プロバイダーが確かめたメールアドレスと同じユーザー名のアカウントに結び付けるか（yes、no）",
    ),
    (
        "serve/private_addresses",
        "ウェブフックの送り先に、工場内などのプライベートネットワークを許すか（yes、no）",
    ),
    ("serve/monitor", "機械を示す監視の記録（監視の状態のフォルダーか、そのデータベースのアドレス）"),
    ("serve/log", "ログの形（text: 人が読む行、json: 1行に1つのJSON）"),
    (
        "administrator",
        "ブラウザーを使わずに管理者を登録するか、入れなくなった管理者を復旧します。パスワードは標準入力の最初の1行です",
    ),
    ("administrator/organization", "組織名"),
    ("administrator/login", "ユーザー名"),
    ("administrator/name", "表示名"),
    ("administrator/further", "今ある組織とは別の組織を、その管理者とともに作ります"),
    (
        "administrator/reset",
        "入れなくなった管理者を復旧します。パスワードを付け直し、2段階認証、パスキー、サインイン中の機器を外します",
    ),
    (
        "administrator/config",
        "ウェブプログラムの設定ファイル。環境変数（ANSHIN_…）、この指定の順に優先されます",
    ),
    ("administrator/data", "データのフォルダー（省略時はanshin-data）。なければ作ります"),
    (
        "administrator/database",
        "フォルダーの代わりに使うPostgreSQLのアドレス（postgres://ユーザー@ホスト/名前）",
    ),
    ("backup", "ウェブプログラムのすべてのデータを、動かしたまま1つのファイルに書き出します"),
    ("backup/file", "書き出すファイル。すでにあるファイルには書きません"),
    ("backup/check", "書き出さずに、このバックアップの内容を検査します"),
    ("backup/config", "ウェブプログラムの設定ファイル。環境変数（ANSHIN_…）、この指定の順に優先されます"),
    ("backup/data", "データのフォルダー（省略時はanshin-data）"),
    ("backup/database", "フォルダーの代わりに使うPostgreSQLのアドレス（postgres://ユーザー@ホスト/名前）"),
    ("restore", "ウェブプログラムのバックアップを、空の場所に戻します"),
    ("restore/file", "バックアップのファイル"),
    ("restore/config", "ウェブプログラムの設定ファイル。環境変数（ANSHIN_…）、この指定の順に優先されます"),
    ("restore/data", "戻し先のフォルダー（省略時はanshin-data）。なければ作ります"),
    ("restore/database", "フォルダーの代わりに使うPostgreSQLのアドレス（postgres://ユーザー@ホスト/名前）"),
    ("audit", "ウェブプログラムの監査証跡を扱います"),
    ("audit verify", "監査証跡を最初から最後まで読み、書き換えや欠落がないことを確かめます"),
    (
        "audit verify/config",
        "ウェブプログラムの設定ファイル。環境変数（ANSHIN_…）、この指定の順に優先されます",
    ),
    ("audit verify/data", "データのフォルダー（省略時はanshin-data）"),
    (
        "audit verify/database",
        "フォルダーの代わりに使うPostgreSQLのアドレス（postgres://ユーザー@ホスト/名前）",
    ),
    ("audit verify/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    ("schema", "システム文書のJSON Schemaを表示します（エディター用）"),
    ("checklist", "チェックシートと自己診断。答え、採点し、比べます"),
    ("checklist list", "チェックシートを一覧表示します"),
    ("checklist list/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    ("checklist show", "チェックシートの項目、または1つの項目のすべてを示します"),
    ("checklist show/checklist", "チェックシートの識別子"),
    ("checklist show/item", "項目の識別子"),
    ("checklist new", "新しい回答ファイルを作ります。すでに分かっている答えは提案として入れます"),
    ("checklist new/checklist", "チェックシートの識別子"),
    (
        "checklist new/output",
        "作るファイル。すでにあるファイルには書きません。省略時はチェックシートの名前から付けます",
    ),
    ("checklist new/system", "このシステム文書の事実と対策から答えを提案します"),
    (
        "checklist new/from",
        "これまでの回答（前回や別のチェックシート）から答えを提案します。複数指定できます",
    ),
    ("checklist new/level", "用途レベル"),
    ("checklist new/subject", "会社、システム、製品の名前"),
    ("checklist new/by", "答える人の名前"),
    ("checklist new/date", "この回の日付。省略時は今日"),
    ("checklist answer", "1問ずつ答えます。いつでもやめて、続きから再開できます"),
    ("checklist answer/file", "回答ファイル。1問ごとに保存します"),
    ("checklist answer/item", "この項目を尋ねます。複数指定できます"),
    ("checklist answer/all", "答え終えた項目も尋ねます"),
    (
        "checklist answer/who",
        "この人が答える項目だけを尋ねます（management: 経営者、it: IT側、ot: OT側、developer: 開発者、staff: 従業員、supplier: 取引先）",
    ),
    ("checklist answer/by", "答える人の名前。答えとともに残します"),
    ("checklist answer/date", "答えとともに残す日付。省略時は今日"),
    ("checklist score", "得点、弱いところ、まず行うことを示します"),
    ("checklist score/file", "回答ファイル"),
    ("checklist score/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    ("checklist score/first", "まず行うことを何件示すか"),
    ("checklist compare", "回答を前回、目標、ほかの会社と比べます"),
    ("checklist compare/file", "今の回答ファイル"),
    ("checklist compare/earlier", "これまでの回答ファイル。新しい順に並べます"),
    ("checklist compare/target", "目標の得点。省略時はチェックシートの目標"),
    ("checklist compare/reference", "ほかの会社の得点（CSV。見出しは得点の識別子と、あればgroup）"),
    ("checklist compare/group", "参照データのうち、このグループだけと比べます"),
    ("checklist compare/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    (
        "checklist export",
        "回答を書き出します（.htmlと.pdf: 経営者向けの1ページの報告、.xlsx: 記入用のブック、.csv: エビデンス台帳、.svg: レーダーチャート）",
    ),
    ("checklist export/file", "回答ファイル"),
    (
        "checklist export/output",
        "書き出すファイル（.html、.pdf、.xlsx、.csv、.svg）。すでにあるファイルには書きません",
    ),
    ("checklist export/earlier", "これまでの回答ファイル。新しい順に並べます。複数指定できます"),
    ("checklist export/target", "目標の得点。省略時はチェックシートの目標"),
    ("checklist export/reference", "ほかの会社の得点（CSV）"),
    ("checklist export/group", "参照データのうち、このグループだけと比べます"),
    ("checklist export/branding", "PDFの発行者（組織名、ロゴ、色などを書いた小さなYAMLファイル）"),
    (
        "checklist export/font",
        "PDFに使うフォントのファイル。システムのフォントより優先します。複数指定できます",
    ),
    (
        "checklist import",
        "記入した回答を取り込みます。または、ほかのプログラムや公式の表からチェックシートを作ります",
    ),
    (
        "checklist import/file",
        "CISO Assistantのライブラリ（YAML）、公式の表、または回答を記入した表（.xlsx、.csv）",
    ),
    ("checklist import/into", "記入した回答を、この回答ファイルに取り込みます"),
    ("checklist import/dry_run", "--intoとともに: 変わるところを示すだけで、書き込みません"),
    ("checklist import/output", "作るファイル。すでにあるファイルには書きません"),
    (
        "checklist import/like",
        "表の場合: このチェックシートの尺度を使い、同じ番号の項目の助言とリンクを引き継ぎます",
    ),
    ("checklist import/columns", "表の場合: 列の割り当て。例: number=A,section=B,text=C"),
    ("checklist import/sheet", "表の場合: シートの名前。省略時は最初のシート、または回答のあるシート"),
    ("checklist import/skip", "表の場合: 項目より上にある行の数"),
    ("checklist import/id", "表の場合: 作るチェックシートの識別子"),
    ("checklist import/title", "表の場合: 作るチェックシートの題"),
    (
        "checklist import/mapping",
        "CISO Assistantの対応付けのファイルとして読み、このチェックシートからのリンクを示します（元,先）",
    ),
    ("ledger", "情報資産管理台帳。重要度とリスク値を求めます"),
    ("ledger new", "記入例の入った新しい台帳を作ります（YAML、CSV、XLSX）"),
    ("ledger new/output", "作るファイル（.yaml、.csv、.xlsx）。すでにあるファイルには書きません"),
    ("ledger new/scale", "尺度の識別子"),
    ("ledger show", "情報資産ごとの重要度、被害発生可能性、リスク値と、対策を急ぐものを示します"),
    ("ledger show/file", "台帳（.yaml、.csv、.xlsx）"),
    ("ledger show/scale", "ファイルに書かれていないときの尺度（識別子またはファイル）"),
    ("ledger show/format", "出力の形式（text: 人が読む形、json: プログラムで読む安定した形）"),
    ("ledger convert", "台帳を別の形（YAML、CSV、XLSX）で書き出します"),
    ("ledger convert/file", "台帳（.yaml、.csv、.xlsx）"),
    ("ledger convert/output", "書き出すファイル（.yaml、.csv、.xlsx）。すでにあるファイルには書きません"),
    ("ledger convert/scale", "ファイルに書かれていないときの尺度（識別子またはファイル）"),
    ("ledger convert/encoding", "CSVの文字コード（utf8: Excelが読めるUTF-8、shift-jis: 以前のプログラム用）"),
    ("ledger scales", "尺度を一覧表示します"),
    ("policy", "回答から、規程と従業員向けハンドブックを作ります"),
    ("policy list", "文書と、書き込める言葉を一覧表示します"),
    ("policy write", "自社の言葉を入れ、関係するところだけの文書を書き出します"),
    ("policy write/documents", "文書。省略時はすべて"),
    ("policy write/answers", "5分でできる自社診断などの回答。対象外のところを省きます。複数指定できます"),
    ("policy write/set", "書き込む言葉（例: company=山田製作所）。複数指定できます"),
    ("policy write/output", "書き出すフォルダー。なければ作ります"),
    (
        "policy write/format",
        "文書の形（md: Markdown、html: 読む・印刷するページ、docx: Word、変更履歴付き）。省略時はすべて。複数指定できます",
    ),
    ("policy write/against", "前回発行した文書（Markdown）のフォルダー。違うところに印を付けます"),
    ("policy write/date", "発行の日付。省略時は今日"),
    ("checklist update", "回答をチェックシートの最新の版へ移し、変わったところを示します"),
    ("checklist update/file", "回答ファイル。その場で書き換えます"),
    ("checklist check", "チェックシートや回答のファイルを検査します"),
    ("checklist check/files", "検査するファイル"),
    (
        "checklist schema",
        "チェックシート（--answersを付ければ回答）のJSON Schemaを表示します（エディター用）",
    ),
    ("checklist schema/answers", "回答ファイルのJSON Schemaを表示します"),
    ("catalog", "知識カタログの中を見ます"),
    ("catalog list", "カタログの節、または1つの節の項目を一覧表示します"),
    ("catalog list/section", "節（asset-kinds、traits、threats、requirementsなど）"),
    ("catalog show", "1つの項目を出典とともに示します"),
    ("catalog show/section", "節"),
    ("catalog show/id", "項目の識別子"),
    ("catalog check", "独自のファイルも含めてカタログを検査します"),
];

const TEMPLATE: &str = "{before-help}{about}\n\n使い方: {usage}\n\n{all-args}{after-help}";

/// Puts the Japanese help in place of the English.
pub(crate) fn in_japanese(command: Command) -> Command {
    translate(command, "")
}

fn find(key: &str) -> Option<&'static str> {
    JAPANESE.iter().find(|(own, _)| *own == key).map(|(_, text)| *text)
}

fn translate(mut command: Command, path: &str) -> Command {
    if let Some(about) = find(path) {
        command = command.about(about).long_about(None);
    }
    command = command
        .help_template(TEMPLATE)
        .subcommand_help_heading("コマンド")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(clap::ArgAction::Help)
                .help(find("/help").unwrap_or_default())
                .help_heading("オプション"),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(clap::ArgAction::Version)
                .help(find("/version").unwrap_or_default())
                .help_heading("オプション"),
        );
    let own: Vec<(String, bool)> =
        command.get_arguments().map(|arg| (arg.get_id().to_string(), arg.is_positional())).collect();
    for (id, positional) in own {
        let text = find(&format!("{path}/{id}")).or_else(|| find(&format!("/{id}")));
        let heading = if positional { "引数" } else { "オプション" };
        command = command.mut_arg(id, |arg| {
            // The meanings of the values stand in the Japanese sentence.
            let takes_values = arg.get_action().takes_values();
            let arg = arg.help_heading(heading);
            let arg = if takes_values { arg.hide_possible_values(true) } else { arg };
            match text {
                Some(text) => arg.help(text).long_help(None),
                None => arg,
            }
        });
    }
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let below = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(name, |sub| translate(sub, &below));
    }
    command
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn visit(command: &Command, path: &str, missing: &mut Vec<String>) {
        if command.is_hide_set() {
            return;
        }
        if find(path).is_none() {
            missing.push(path.to_owned());
        }
        for arg in command.get_arguments() {
            let key = format!("{path}/{}", arg.get_id());
            if find(&key).is_none() && find(&format!("/{}", arg.get_id())).is_none() {
                missing.push(key);
            }
        }
        for sub in command.get_subcommands() {
            let below = if path.is_empty() {
                sub.get_name().to_owned()
            } else {
                format!("{path} {}", sub.get_name())
            };
            visit(sub, &below, missing);
        }
    }

    #[test]
    fn every_command_and_argument_has_japanese_help() {
        let mut missing = Vec::new();
        visit(&Cli::command(), "", &mut missing);
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn the_japanese_command_line_is_well_formed() {
        in_japanese(Cli::command()).debug_assert();
    }
}

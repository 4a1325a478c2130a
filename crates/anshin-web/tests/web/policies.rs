//! Policies: issued, and marked where they differ from what was issued.

use axum::http::StatusCode;

use crate::browser::Program;

#[tokio::test]
async fn what_was_issued_stays_and_what_differs_is_marked() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("approver").await;
    let first = browser.get("/policies").await.text;
    assert!(first.contains("not issued yet"), "{first}");
    // The route is the same for all; its right is told by the table.
    let issue = [("document", ""), ("made", "yes"), ("company", "Yamada Works"), ("head", "CEO Yamada")];
    let done = browser.fill_in("/policies", "/policies/issue", &issue).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);

    // The words are still there, and nothing has changed.
    let html = browser.get("/policies").await.text;
    assert!(html.contains("value=\"Yamada Works\"") && html.contains("value=\"CEO Yamada\""), "{html}");
    assert!(html.contains("as last issued") && !html.contains("changes since the last issue"));

    let query = "made=yes&company=Yamada%20Works&head=CEO%20Suzuki";
    let html = browser.get(&format!("/policies?{query}&marks=yes")).await.text;
    assert!(html.contains("changes since the last issue"), "{html}");
    let plain = browser.get(&format!("/policies/basic-policy.md?{query}")).await.text;
    assert!(plain.contains("CEO Suzuki") && !plain.contains('▲'), "{plain}");
    let marked = browser.get(&format!("/policies/basic-policy.md?{query}&marks=yes")).await.text;
    assert!(marked.contains("▲ ") && marked.contains("▽ ~~"), "{marked}");
    let page = browser.get(&format!("/policies/basic-policy.html?{query}&marks=yes")).await.text;
    assert!(page.contains("<ins>") && page.contains("<del>"), "{page}");
    let word = browser.get_bytes(&format!("/policies/basic-policy.docx?{query}&marks=yes")).await;
    assert!(word.starts_with(b"PK"));

    // One document alone; the issue before stays as it was.
    let issue =
        [("document", "basic-policy"), ("made", "yes"), ("company", "Yamada Works"), ("head", "CEO Suzuki")];
    browser.fill_in("/policies", "/policies/issue", &issue).await;
    let text = async |browser: &mut crate::browser::Browser, number| {
        browser.get(&format!("/policies/basic-policy.md?issue={number}")).await.text
    };
    assert!(text(&mut browser, 1).await.contains("CEO Yamada"));
    assert!(text(&mut browser, 2).await.contains("CEO Suzuki"));
    assert_eq!(browser.get("/policies/basic-policy.md?issue=3").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/policies/employee-handbook.md?issue=2").await.status, StatusCode::NOT_FOUND);
}

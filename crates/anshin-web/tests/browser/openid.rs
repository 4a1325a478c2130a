//! Signing in at a provider, as a real browser does it: by forms, over the provider, and back.

use std::sync::Arc;

use anshin_web::config::OpenId;

use crate::Program;
use crate::driver::{ENGLISH, Setup};
use crate::provider::{CLIENT, Provider, SECRET};

#[test]
fn a_browser_goes_over_the_provider_and_comes_back_signed_in() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let provider = runtime.block_on(Provider::start(Arc::new(jiff::Timestamp::now)));
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let program = Program::start_with(|config| {
        config.openid = Some(OpenId {
            issuer: provider.address(),
            client: CLIENT.to_owned(),
            secret: Some(secret),
            name: "Example ID".to_owned(),
            by_email: false,
        });
    });
    let browser = program.signed_in(ENGLISH);
    browser.go("/account");
    browser.click("form[action='/account/identities/openid'] button");
    browser.until("the account is linked", || browser.address() == "/account?said=done");
    assert_eq!(browser.words("#linked th"), "aoi@example.com");
    browser.shoot("openid-1-linked");

    let other = program.browser(Setup { lang: "ja", scripts: false });
    other.go("/account");
    other.look(390, "dark");
    other.shoot("openid-2-sign-in");
    other.click("form[action='/sign-in/openid'] button");
    other.until("signed in where one wanted to go", || other.address() == "/account");
    assert_eq!(other.words(".me > a"), "Aoi Tanaka");
}

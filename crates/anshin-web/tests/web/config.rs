//! The configuration: three layers, and what is refused.

use anshin_model::Lang;
use anshin_store::Place;
use anshin_web::config::{Log, Settings, read};

fn environment(variables: &[(&str, &str)]) -> Settings {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::from_environment(variables).unwrap()
}

#[test]
fn flags_go_over_the_environment_and_that_over_the_file() {
    let file = "anshin-serve: 1\nlisten: 127.0.0.1:1\ndata: /from/file\nlog: json\nbehind-proxy: yes\n";
    let file = read("serve.yaml", file).settings.unwrap();
    let environment = environment(&[
        ("ANSHIN_LISTEN", "127.0.0.1:2"),
        ("ANSHIN_DATABASE", "postgres://a@b/c"),
        ("HOME", "/root"),
    ]);
    let flags = Settings { listen: Some("127.0.0.1:3".to_owned()), ..Settings::default() };
    let config = file.under(environment).under(flags).config().unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.place, Place::Postgres("postgres://a@b/c".to_owned()));
    assert_eq!((config.log, config.behind_proxy), (Log::Json, true));
}

#[test]
fn without_settings_it_listens_on_this_machine_only() {
    let config = Settings::default().config().unwrap();
    assert!(config.listen.ip().is_loopback() && !config.behind_proxy);
}

#[test]
fn unknown_settings_are_refused_with_the_next_name() {
    let loaded = read("serve.yaml", "anshin-serve: 1\nlissen: 127.0.0.1:1\n");
    assert!(loaded.settings.is_none());
    assert!(loaded.diagnostics[0].hints[0].get(Lang::En).contains("listen"));
    let unknown = Settings::from_environment([("ANSHIN_LISSEN".to_owned(), String::new())]).unwrap_err();
    assert!(unknown.get(Lang::En).contains("did you mean `ANSHIN_LISTEN`"));
    for (listen, log, database) in
        [(Some("everywhere"), None, None), (None, Some("xml"), None), (None, None, Some("mysql://a@b/c"))]
    {
        let settings = Settings {
            listen: listen.map(str::to_owned),
            log: log.map(str::to_owned),
            database: database.map(str::to_owned),
            ..Settings::default()
        };
        assert!(settings.config().is_err());
    }
}

#[test]
fn a_provider_is_named_whole_or_not_at_all() {
    let named = |issuer: Option<&str>, client: Option<&str>, secret: Option<&str>, by_email: Option<&str>| {
        let settings = Settings {
            openid_issuer: issuer.map(str::to_owned),
            openid_client: client.map(str::to_owned),
            openid_secret: secret.map(Into::into),
            openid_by_email: by_email.map(str::to_owned),
            ..Settings::default()
        };
        settings.config().map(|config| config.openid)
    };
    assert_eq!(named(None, None, None, None), Ok(None));
    let issuer = Some("https://id.example.com:8443/realms/a");
    for (issuer, client, secret, by_email) in [
        (issuer, None, None, None),
        (None, Some("anshin"), None, None),
        (None, None, Some("/a"), None),
        (None, None, None, Some("yes")),
        (issuer, Some("anshin"), None, Some("perhaps")),
    ] {
        assert!(named(issuer, client, secret, by_email).is_err(), "{issuer:?} {client:?}");
    }
    let whole = named(issuer, Some("anshin"), None, None);
    if cfg!(feature = "tls") {
        let provider = whole.unwrap().unwrap();
        assert_eq!((provider.name.as_str(), provider.by_email), ("id.example.com", false));
    } else {
        assert!(whole.unwrap_err().get(Lang::En).contains("--features full"));
    }
}

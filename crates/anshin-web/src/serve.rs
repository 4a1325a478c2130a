//! The program from its start to its end.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use anshin_model::Text;
use anshin_store::{Place, Store, StoreError};
use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use tokio::net::TcpListener;

use crate::app::App;
use crate::config::Config;
use crate::hooks;
use crate::route::router;

/// How long requests that are under way may take once the program is to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Why the program does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of the data cannot be made.
    #[error("cannot make the folder of the data: {0}")]
    Folder(std::io::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The provider of `OpenID` Connect cannot be used as it is set up.
    #[error("{}", .0.get(anshin_model::Lang::En))]
    Provider(Text),
    /// The certificate cannot be used.
    #[error("{}", .0.get(anshin_model::Lang::En))]
    Certificate(Text),
    /// Others could reach the program before there is an administrator.
    #[error("no administrator")]
    NoAdministrator,
    /// The connection broke.
    #[error("the server ended: {0}")]
    Ended(std::io::Error),
}

impl ServeError {
    /// What to tell the one who started the program.
    pub fn text(&self) -> Text {
        match self {
            ServeError::Store(error @ StoreError::Database(_)) => Text::new(
                format!("データを開けません（{error}）。フォルダーの場所と書き込み権限を確かめてください"),
                format!("cannot open the data ({error}); check the folder and its permissions"),
            ),
            ServeError::Store(StoreError::Encryption(_)) if !cfg!(feature = "tls") => {
                crate::config::without_tls()
            }
            ServeError::Store(StoreError::Encryption(why)) => Text::new(
                format!(
                    "データベースと、アドレスのとおりに暗号化して接続できません（{why}）。`sslmode`と、サーバーの証明書を発行した認証局（`sslrootcert`）、ホスト名が証明書と合っているかを確かめてください"
                ),
                format!(
                    "no encrypted connection to the database as its address asks ({why}); check `sslmode`, the authority behind the certificate of the server (`sslrootcert`), and that the host name is the one in the certificate"
                ),
            ),
            ServeError::Store(StoreError::Unreachable(why)) => Text::new(
                format!(
                    "データベースに接続できません（{why}）。アドレスと、サーバーが動いているかを確かめてください"
                ),
                format!("cannot reach the database ({why}); check its address and whether it runs"),
            ),
            ServeError::Store(error) => error.text(),
            ServeError::Folder(error) => Text::new(
                format!("データのフォルダーを作れません（{error}）"),
                format!("cannot make the folder of the data ({error})"),
            ),
            ServeError::Listen(address, error) => Text::new(
                format!("{address}で待ち受けられません（{error}）。`--listen`で別のポートを指定してください"),
                format!("cannot listen on {address} ({error}); name another port with `--listen`"),
            ),
            ServeError::Certificate(text) | ServeError::Provider(text) => text.clone(),
            ServeError::NoAdministrator => Text::new(
                "管理者がまだいないため、ほかの機械から届くアドレスでは待ち受けません。`anshin administrator`で管理者を登録するか、`--listen 127.0.0.1:8080`で起動してブラウザーで登録してください",
                "there is no administrator yet, so the program does not listen where other machines can reach it; set up the administrator with `anshin administrator`, or start with `--listen 127.0.0.1:8080` and do it in a browser",
            ),
            ServeError::Ended(error) => {
                Text::new(format!("サーバーが終了しました（{error}）"), format!("the server ended ({error})"))
            }
        }
    }
}

/// Opens the store and brings its tables up to date.
pub async fn open(place: &Place) -> Result<Store, ServeError> {
    if let Place::File(path) = place
        && let Some(folder) = path.parent()
    {
        make_private(folder).map_err(ServeError::Folder)?;
    }
    let store = Store::open(place, Store::system_clock()).await?;
    store.migrate().await?;
    Ok(store)
}

/// Makes the folder of the data, which is nobody else's business.
fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Runs until `stop` ends. `listening` is told the address, as a browser writes it, once requests are
/// answered.
pub async fn serve(
    config: Config,
    stop: impl Future<Output = ()> + Send + 'static,
    listening: impl FnOnce(&str),
) -> Result<(), ServeError> {
    #[cfg(feature = "tls")]
    config.openid.as_ref().map(crate::openid::usable).transpose().map_err(ServeError::Provider)?;
    let store = open(&config.place).await?;
    let app = App::new(store, config);
    let wanted = app.config().listen;
    if !wanted.ip().is_loopback() && !app.is_started().await? {
        return Err(ServeError::NoAdministrator);
    }
    let listener = TcpListener::bind(wanted).await.map_err(|error| ServeError::Listen(wanted, error))?;
    let bound = listener.local_addr().unwrap_or(wanted);
    let stopped = {
        let app = app.clone();
        async move {
            stop.await;
            app.stop();
        }
    };
    run_beside(&app);
    let server = answer(listener, &app, stopped)?;
    listening(&app.config().address_of(bound));
    let patience = async {
        app.stopping().await;
        tokio::time::sleep(GRACE).await;
    };
    let ended = tokio::select! {
        ended = server => ended.map_err(ServeError::Ended),
        () = patience => Ok(()),
    };
    app.store().close().await;
    ended
}

type Answering = Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>>;

/// Answers requests, over encrypted connections where there is a certificate.
fn answer(
    listener: TcpListener,
    app: &App,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<Answering, ServeError> {
    let service = router(app.clone()).into_make_service_with_connect_info::<Peer>();
    match app.config().certificate.clone() {
        None => {
            let server = axum::serve(listener, service).with_graceful_shutdown(stopped);
            Ok(Box::pin(IntoFuture::into_future(server)))
        }
        #[cfg(feature = "tls")]
        Some(files) => {
            let listener = crate::tls::TlsListener::new(listener, files).map_err(ServeError::Certificate)?;
            let server = axum::serve(listener, service).with_graceful_shutdown(stopped);
            Ok(Box::pin(IntoFuture::into_future(server)))
        }
        #[cfg(not(feature = "tls"))]
        Some(_) => Err(ServeError::Certificate(crate::config::without_tls())),
    }
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

#[cfg(feature = "tls")]
impl Connected<IncomingStream<'_, crate::tls::TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, crate::tls::TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Starts what runs beside the requests until the program stops: telling webhooks, and following what
/// other processes save.
pub fn run_beside(app: &App) {
    tokio::spawn(hooks::run(app.clone()));
    tokio::spawn(crate::pages::follow(app.clone()));
}

/// Ends when the program is asked to stop: Ctrl-C, or the signal of a service manager.
pub async fn asked_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

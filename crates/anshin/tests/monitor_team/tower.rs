//! A signal tower that a team switches.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use super::common::running::until;

pub(crate) struct Tower {
    address: SocketAddr,
    /// The command that it took last.
    last: Arc<Mutex<Vec<u8>>>,
}

impl Tower {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let last = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&last);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut command = [0; 12];
                if stream.read_exact(&mut command).is_ok() && stream.write_all(&[0x06]).is_ok() {
                    // The lamps: red, amber, green, two that are left alone, and the buzzer.
                    *taken.lock().expect("nobody has panicked") = command[6..].to_vec();
                }
            }
        });
        Self { address, last }
    }

    /// What belongs to a configuration, so that it is switched.
    pub(crate) fn outlet(&self) -> String {
        format!("outlets: [ {{ id: tower, kind: patlite, address: \"{}\" }} ]\n", self.address)
    }

    /// Waits until it shows this.
    pub(crate) fn shows(&self, lamps: [u8; 6]) {
        until(|| {
            let shown = self.last.lock().expect("nobody has panicked").clone();
            if shown == lamps { Ok(()) } else { Err(format!("the tower shows {shown:?}, not {lamps:?}")) }
        });
    }
}

//! The floor: what a proxy costs that does nothing but carry bytes.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Listens on a port of the system's choice, prints it, and joins every connection to `target`.
pub(crate) async fn serve(target: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    println!("{}", listener.local_addr().expect("it has an address"));
    loop {
        let Ok((mut client, _)) = listener.accept().await else { continue };
        let target = target.to_owned();
        tokio::spawn(async move {
            let Ok(mut server) = TcpStream::connect(target).await else { return };
            let _ = client.set_nodelay(true);
            let _ = server.set_nodelay(true);
            let _ = copy_bidirectional(&mut client, &mut server).await;
        });
    }
}

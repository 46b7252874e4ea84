use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::BytesMut;
use rustls::{
    ServerConfig, ServerConnection,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::{BadSetup, Tls, TlsClient, TlsFailure, TlsSetup};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

fn trusting() -> TlsSetup {
    TlsSetup { ca_file: Some(file("ca.pem")), ..TlsSetup::default() }
}

fn server(certificate: &str) -> ServerConnection {
    let chain = CertificateDer::pem_file_iter(file(certificate)).unwrap();
    let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(file("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    ServerConnection::new(Arc::new(config)).unwrap()
}

/// Both ends, joined by two buffers.
struct Pair {
    client: Tls,
    server: ServerConnection,
    to_client: BytesMut,
    got: BytesMut,
}

impl Pair {
    fn new(setup: TlsSetup, host: &str, certificate: &str) -> Pair {
        let client = TlsClient::new(setup, host).unwrap().start().unwrap();
        let (to_client, got) = (BytesMut::new(), BytesMut::new());
        Pair { client, server: server(certificate), to_client, got }
    }

    fn serve(&mut self) {
        let mut sent = BytesMut::new();
        self.client.poll_output(&mut sent);
        self.take(&sent);
    }

    fn take(&mut self, mut sent: &[u8]) {
        while !sent.is_empty() {
            self.server.read_tls(&mut sent).unwrap();
            let _ = self.server.process_new_packets();
        }
        self.answer();
    }

    fn answer(&mut self) {
        let mut out = Vec::new();
        while self.server.wants_write() {
            self.server.write_tls(&mut out).unwrap();
        }
        self.to_client.extend_from_slice(&out);
    }

    /// Runs the handshake with pieces of `size` bytes.
    fn shake(&mut self, size: usize) -> Result<(), TlsFailure> {
        self.serve();
        while !self.to_client.is_empty() {
            let size = size.min(self.to_client.len());
            let mut piece = self.to_client.split_to(size);
            let taken = self.client.handle_input(&mut piece, &mut self.got);
            self.serve();
            taken?;
        }
        assert!(!self.client.is_handshaking());
        Ok(())
    }

    fn say(&mut self, text: &[u8]) {
        self.server.writer().write_all(text).unwrap();
        self.answer();
    }
}

#[test]
fn bytes_go_both_ways_however_they_are_cut() {
    for size in [1, 2, 7, 100, 16_384, 100_000] {
        let mut pair = Pair::new(trusting(), "localhost", "cert.pem");
        pair.shake(size).unwrap();
        let mut out = BytesMut::new();
        pair.client.send(b"ping", &mut out);
        assert!(!out.windows(4).any(|bytes| bytes == b"ping"));
        pair.take(&out);
        let mut heard = [0; 4];
        pair.server.reader().read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"ping");
        let big = vec![b'x'; 100_000];
        for piece in big.chunks(20_000) {
            pair.say(piece);
        }
        while !pair.to_client.is_empty() {
            let mut piece = pair.to_client.split_to(size.min(pair.to_client.len()));
            pair.client.handle_input(&mut piece, &mut pair.got).unwrap();
        }
        assert_eq!(pair.got, &big[..]);
    }
}

#[test]
fn an_announced_end_is_told_from_a_cut() {
    let mut pair = Pair::new(trusting(), "localhost", "cert.pem");
    pair.shake(9000).unwrap();
    pair.say(b"bye");
    assert!(!pair.client.is_closed_by_peer());
    pair.server.send_close_notify();
    pair.answer();
    pair.to_client.extend_from_slice(b"and something that nobody should read");
    pair.client.handle_input(&mut pair.to_client, &mut pair.got).unwrap();
    assert_eq!((&pair.got[..], pair.client.is_closed_by_peer()), (&b"bye"[..], true));
    pair.client.close();
    pair.serve();
    assert!(pair.server.process_new_packets().unwrap().peer_has_closed());
    let mut out = BytesMut::new();
    pair.client.send(b"late", &mut out);
    assert!(out.is_empty());
}

#[test]
fn nothing_is_sent_before_the_peer_is_known() {
    let mut client = TlsClient::new(trusting(), "localhost").unwrap().start().unwrap();
    let mut out = BytesMut::new();
    client.poll_output(&mut out);
    let hello = out.len();
    client.send(b"secret", &mut out);
    assert_eq!(out.len(), hello);
}

#[test]
fn the_peer_must_be_who_it_should() {
    let shake = |setup, host, certificate| Pair::new(setup, host, certificate).shake(9000);
    assert_eq!(shake(trusting(), "127.0.0.1", "cert.pem"), Ok(()));
    assert_eq!(shake(trusting(), "other.test", "cert.pem"), Err(TlsFailure::Name));
    let named = TlsSetup { host_name: Some("localhost".into()), ..trusting() };
    assert_eq!(shake(named, "other.test", "cert.pem"), Ok(()));
    assert_eq!(shake(trusting(), "localhost", "self.pem"), Err(TlsFailure::SelfSigned));
    let allowed = TlsSetup { allow_self_signed: true, ..trusting() };
    assert_eq!(shake(allowed.clone(), "localhost", "self.pem"), Ok(()));
    assert_eq!(shake(allowed, "other.test", "self.pem"), Err(TlsFailure::Name));
    let pinned = TlsSetup { ca_file: Some(file("self.pem")), ..TlsSetup::default() };
    assert_eq!(shake(pinned.clone(), "localhost", "self.pem"), Ok(()));
    assert_eq!(shake(pinned, "localhost", "cert.pem"), Err(TlsFailure::UnknownIssuer));
}

#[test]
fn who_does_not_verify_can_still_ask() {
    let setup = TlsSetup { verify_peer: false, ..trusting() };
    let mut pair = Pair::new(setup, "other.test", "self.pem");
    assert_eq!(pair.client.verdict(false), Err(None));
    pair.shake(9000).unwrap();
    assert_eq!(pair.client.verdict(false), Err(Some(TlsFailure::SelfSigned)));
    assert_eq!(pair.client.verdict(true), Err(Some(TlsFailure::Name)));
    let pem = pair.client.peer_certificate().unwrap();
    assert_eq!(pem, std::fs::read_to_string(file("self.pem")).unwrap());
}

#[test]
fn what_is_no_tls_or_was_changed_ends_it() {
    let mut client = TlsClient::new(trusting(), "localhost").unwrap().start().unwrap();
    let mut garbage = BytesMut::from(&b"220 hello\r\n"[..]);
    let failure = client.handle_input(&mut garbage, &mut BytesMut::new()).unwrap_err();
    assert_eq!((failure, failure.err_code()), (TlsFailure::NotTls, 1014));

    let mut pair = Pair::new(trusting(), "localhost", "cert.pem");
    pair.shake(9000).unwrap();
    pair.say(b"a");
    *pair.to_client.last_mut().unwrap() ^= 1;
    pair.client.handle_input(&mut pair.to_client, &mut pair.got).unwrap_err();
    assert!(pair.got.is_empty());
}

#[test]
fn a_setup_that_can_not_be_says_why() {
    let bad = |setup| TlsClient::new(setup, "localhost").unwrap_err();
    let no_file = TlsSetup { ca_file: Some("/nonexistent".into()), ..TlsSetup::default() };
    assert!(matches!(bad(no_file), BadSetup::File("ssl_cafile", ..)));
    let no_key = TlsSetup { cert_file: Some(file("cert.pem")), ..TlsSetup::default() };
    assert!(matches!(bad(no_key), BadSetup::Alone("ssl_cert_file", "ssl_key_file")));
    let no_cert = TlsSetup { ca_file: Some(file("key.pem")), ..TlsSetup::default() };
    assert!(matches!(bad(no_cert), BadSetup::Nothing("ssl_cafile", ..)));
    let name = TlsClient::new(TlsSetup::default(), "/run/socket").unwrap_err();
    assert!(matches!(name, BadSetup::Name(_)));
}

//! Bodies of the HTTP client session: content codings, uploads from files, downloads into files,
//! and what is counted.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests fail by panic")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use flate2::{Compression, write::GzEncoder};
use tether::client::http::{
    Download, HttpConfig, HttpEvent, HttpResponse, HttpSession, RequestRefused, Transfer,
};
use tether::client::{End, Session};
use tether::proto::http1::OutgoingRequest;

struct Run {
    session: HttpSession,
    now: Instant,
}

impl Run {
    #[expect(clippy::disallowed_methods, reason = "the virtual clock needs some first instant")]
    fn new(config: HttpConfig) -> Run {
        let mut run = Run { session: HttpSession::new(config), now: Instant::now() };
        run.session.handle_connected(run.now);
        run
    }

    fn ask(&mut self, mut transfer: Transfer) {
        let following = transfer.upload.len();
        let method = if following > 0 { "POST" } else { "GET" };
        let request =
            OutgoingRequest { method: method.into(), following, ..OutgoingRequest::default() };
        self.session.transfer(&request, &mut transfer, self.now).unwrap();
    }

    /// A download was asked for.
    fn download(path: &Path, offset: u64) -> Run {
        let mut run = Run::new(HttpConfig::default());
        let download = Some(Download { path: path.to_path_buf(), offset });
        run.ask(Transfer { download, ..Transfer::default() });
        run.sent();
        run
    }

    fn sent(&mut self) -> BytesMut {
        let mut out = BytesMut::new();
        self.session.poll_output(&mut out);
        out
    }

    fn input(&mut self, bytes: &[u8]) {
        self.session.handle_input(&mut BytesMut::from(bytes), self.now);
    }

    fn response(&mut self) -> HttpResponse {
        match self.session.poll_event() {
            Some(HttpEvent::Response(response)) => response,
            other => panic!("{other:?}"),
        }
    }

    /// The failure that was told, and what the connection ends with.
    fn failure(&mut self) -> ((i32, i32), End) {
        let Some(HttpEvent::Failed { status, why }) = self.session.poll_event() else {
            panic!("no failure");
        };
        ((status, why.err_code()), self.session.poll_close().unwrap())
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A file of this test alone.
fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("tether-transfer-{}-{name}", std::process::id()))
}

#[test]
fn a_coded_body_comes_decoded_at_every_cut() {
    let wire = coded("gzip", &gzip(b"hello hello hello"));
    for cut in 0..wire.len() {
        let mut run = Run::new(HttpConfig::default());
        run.ask(Transfer::default());
        run.sent();
        let mut input = BytesMut::from(&wire[..cut]);
        run.session.handle_input(&mut input, run.now);
        input.extend_from_slice(&wire[cut..]);
        run.session.handle_input(&mut input, run.now);
        assert_eq!(run.response().body.as_ref(), b"hello hello hello", "{cut}");
    }
}

#[test]
fn an_unknown_coding_is_left_to_the_program() {
    for coding in ["zstd", "gzip, br"] {
        let mut run = Run::new(HttpConfig::default());
        run.ask(Transfer::default());
        run.sent();
        run.input(&coded(coding, b"as it came"));
        assert_eq!(run.response().body.as_ref(), b"as it came");
    }
}

#[test]
fn a_broken_coding_is_a_malformed_response() {
    let whole = gzip(b"hello hello hello");
    for body in [&whole[..whole.len() - 1], b"no gzip at all"] {
        let mut run = Run::new(HttpConfig::default());
        run.ask(Transfer::default());
        run.sent();
        run.input(&coded("gzip", body));
        assert_eq!(run.failure(), ((-3, 104), End::Protocol));
    }
}

#[test]
fn a_bomb_ends_at_the_cap_on_bodies() {
    let mut run = Run::new(HttpConfig::default());
    run.ask(Transfer::default());
    run.sent();
    run.input(&coded("gzip", &gzip(&vec![0; (64 << 20) + 1])));
    assert_eq!(run.failure(), ((-3, 1201), End::Refused(1201)));
}

#[test]
fn an_upload_is_read_as_the_socket_takes_it() {
    let path = temporary("upload");
    let data: Vec<u8> = (0..1_000_000u32).map(|n| n.to_le_bytes()[0]).collect();
    fs::write(&path, &data).unwrap();
    let mut transfer = Transfer::default();
    transfer.upload.bytes(Bytes::from_static(b"<<"));
    transfer.upload.file(&path, 10, 999_980).unwrap();
    transfer.upload.bytes(Bytes::from_static(b">>"));
    let mut run = Run::new(HttpConfig::default());
    run.ask(transfer);
    let mut wire = run.sent();
    assert!(run.session.has_output());
    while run.session.has_output() {
        // The socket is full: nothing more is read.
        run.session.handle_flushed(100_000);
        assert_eq!(run.sent().len(), 0);
        run.session.handle_flushed(0);
        let piece = run.sent();
        assert!(!piece.is_empty() && piece.len() <= 64 * 1024, "{}", piece.len());
        wire.extend_from_slice(&piece);
    }
    let end = [b"<<", &data[10..999_990], b">>"].concat();
    assert!(wire.ends_with(&end));
    let head = String::from_utf8_lossy(&wire[..wire.len() - end.len()]).into_owned();
    assert!(head.ends_with("\r\nContent-Length: 999984\r\n\r\n"), "{head}");
    run.input(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(run.response().status, 200);
    assert_eq!(run.session.poll_close(), None);
    fs::remove_file(&path).unwrap();
}

#[test]
fn an_upload_that_goes_on_is_not_late() {
    let path = temporary("slow");
    fs::write(&path, vec![b'x'; 300_000]).unwrap();
    let mut transfer = Transfer::default();
    transfer.upload.file(&path, 0, 300_000).unwrap();
    let mut run = Run::new(HttpConfig::default());
    run.ask(transfer);
    for _ in 0..3 {
        run.sent();
        run.session.handle_flushed(0);
        run.now = run.session.poll_deadline().unwrap();
        run.session.handle_timeout(run.now);
        assert_eq!(run.session.poll_event(), None);
        assert_eq!(run.session.poll_deadline(), Some(run.now + Duration::from_millis(500)));
    }
    run.session.handle_timeout(run.session.poll_deadline().unwrap());
    assert_eq!(run.failure(), ((-2, 110), End::Deadline));
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_file_that_gets_shorter_fails_its_request() {
    let path = temporary("short");
    fs::write(&path, vec![b'x'; 300_000]).unwrap();
    let mut transfer = Transfer::default();
    transfer.upload.file(&path, 0, 300_000).unwrap();
    let mut run = Run::new(HttpConfig::default());
    run.ask(transfer);
    run.sent();
    run.session.handle_flushed(0);
    fs::write(&path, b"").unwrap();
    run.sent();
    assert_eq!(run.failure(), ((-3, 5), End::Refused(5)));
    fs::remove_file(&path).unwrap();
}

#[test]
fn an_answer_before_the_end_of_the_request_closes() {
    let path = temporary("early");
    fs::write(&path, vec![b'x'; 300_000]).unwrap();
    let mut transfer = Transfer::default();
    transfer.upload.file(&path, 0, 300_000).unwrap();
    let mut run = Run::new(HttpConfig::default());
    run.ask(transfer);
    run.sent();
    run.input(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(run.response().status, 413);
    assert_eq!(run.session.poll_close(), Some(End::Local));
    assert!(!run.session.has_output());
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_download_goes_to_its_file() {
    let path = temporary("download");
    fs::write(&path, b"what was there before").unwrap();
    let mut run = Run::download(&path, 0);
    run.input(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
    assert_eq!(fs::read(&path).unwrap(), b"hel");
    // It is as late as its last piece.
    run.now += Duration::from_millis(499);
    run.input(b"lo\r\n");
    assert_eq!(run.session.poll_deadline(), Some(run.now + Duration::from_millis(500)));
    run.input(b"0\r\n\r\n");
    let response = run.response();
    assert_eq!((response.status, response.body.len()), (200, 0));
    assert_eq!(fs::read(&path).unwrap(), b"hello");

    let mut run = Run::download(&path, 3);
    run.input(&coded("gzip", &gzip(b"p, here")));
    assert_eq!(run.response().status, 200);
    assert_eq!(fs::read(&path).unwrap(), b"help, here");

    // The page of an error is no download.
    let mut run = Run::download(&path, 0);
    run.input(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
    assert_eq!(run.response().body.as_ref(), b"gone");
    assert_eq!(fs::read(&path).unwrap(), b"help, here");

    // A part of a coded body cannot be decoded.
    let mut run = Run::download(&path, 0);
    let wire = coded("gzip", b"part");
    run.input(&[&b"HTTP/1.1 206"[..], &wire[12..]].concat());
    assert_eq!(run.response().status, 206);
    assert_eq!(fs::read(&path).unwrap(), b"part");
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_download_over_the_cap_on_bodies_goes_on() {
    let path = temporary("large");
    let mut run = Run::download(&path, 0);
    let piece = vec![b'x'; 1 << 20];
    run.input(b"HTTP/1.1 200 OK\r\nContent-Length: 73400320\r\n\r\n");
    for _ in 0..70 {
        run.input(&piece);
    }
    assert_eq!(run.response().status, 200);
    assert_eq!(fs::metadata(&path).unwrap().len(), 70 << 20);
    fs::remove_file(&path).unwrap();
}

#[test]
fn what_the_disk_says_is_told() {
    let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
    let mut run = Run::download(Path::new("/nonexistent/file"), 0);
    run.input(ok);
    assert_eq!(run.failure(), ((-3, 2), End::Refused(2)));
    let mut run = Run::download(Path::new("/dev/full"), 0);
    run.input(ok);
    assert_eq!(run.failure(), ((-3, 28), End::Refused(28)));
    let mut run = Run::download(Path::new("/dev/full"), 0);
    run.input(&coded("gzip", &gzip(b"hello")));
    assert_eq!(run.failure(), ((-3, 28), End::Refused(28)));
}

#[test]
fn a_request_over_the_output_budget_is_not_taken() {
    let mut run = Run::new(HttpConfig { budget: 10, ..HttpConfig::default() });
    let request = OutgoingRequest { body: vec![b'x'; 11], ..OutgoingRequest::default() };
    assert_eq!(run.session.request(&request, run.now), Err(RequestRefused::TooLarge));
    assert!(run.sent().is_empty());
    let request = OutgoingRequest { body: vec![b'x'; 10], ..OutgoingRequest::default() };
    run.session.request(&request, run.now).unwrap();
}

use super::*;
use std::time::Duration;

struct Place {
    reactor: Rc<Reactor>,
    mailbox: Mailbox,
}

type Seen = Vec<(Head, u16, Vec<u8>)>;

fn place(office: &Arc<PostOffice>, address: Address) -> Place {
    let reactor = Rc::new(Reactor::new().unwrap());
    let mailbox = Mailbox::new(Arc::clone(office), address, Rc::clone(&reactor)).unwrap();
    Place { reactor, mailbox }
}

fn two() -> (Place, Place) {
    let office = Arc::new(PostOffice::new(2, 0, 1 << 20).unwrap());
    let [a, b] = [0, 1].map(|slot| office.address(slot, 0).unwrap());
    (place(&office, a), place(&office, b))
}

fn head(kind: u8, a: u64) -> Head {
    Head { kind, flags: 5, a, b: u64::MAX }
}

impl Place {
    fn own(&self) -> Token {
        Token::new(Source::Mailbox, Key::fixed(u32::from(self.mailbox.address().number())))
    }

    fn read_packet(&self, seen: &mut Seen) {
        self.mailbox.handle_ready(self.own(), &mut |letter| {
            seen.push((letter.head, letter.from.number(), letter.payload.to_vec()));
            true
        });
    }
}

#[test]
fn letters_of_one_turn_arrive_in_order_in_one_packet() {
    let (near, far) = two();
    let to = far.mailbox.address();
    near.mailbox.post(to, head(1, 1), &[b"one"]).unwrap();
    near.mailbox.post(to, head(2, 2), &[]).unwrap();
    near.mailbox.post(to, head(3, 3), &[b"th", b"ree"]).unwrap();
    let mut seen = Vec::new();
    far.read_packet(&mut seen);
    assert!(seen.is_empty() && near.mailbox.has_unsent());
    near.mailbox.flush();
    assert!(!near.mailbox.has_unsent() && near.mailbox.queued() == 0);
    far.read_packet(&mut seen);
    assert_eq!(
        seen,
        [
            (head(1, 1), 0, b"one".to_vec()),
            (head(2, 2), 0, Vec::new()),
            (head(3, 3), 0, b"three".to_vec())
        ]
    );
}

#[test]
fn large_payloads_travel_as_memory_between_small_ones() {
    let (near, far) = two();
    let large: Vec<u8> = (0..5_000_000u32).map(|n| n.to_le_bytes()[0]).collect();
    for n in 0..20 {
        near.mailbox.post(far.mailbox.address(), head(1, n), &[b"small"]).unwrap();
        near.mailbox.post(far.mailbox.address(), head(2, n), &[&large, b"end"]).unwrap();
    }
    near.mailbox.flush();
    let mut seen = Vec::new();
    while seen.len() < 40 {
        let before = seen.len();
        far.read_packet(&mut seen);
        assert!(seen.len() > before);
    }
    for (n, pair) in (0..20).zip(seen.chunks(2)) {
        assert_eq!((pair[0].0, &pair[0].2[..]), (head(1, n), &b"small"[..]));
        assert_eq!(pair[1].0, head(2, n));
        assert!(pair[1].2.len() == large.len() + 3 && pair[1].2.ends_with(b"end"));
    }
}

#[test]
fn a_full_box_makes_its_sender_queue_and_then_refuse() {
    let (near, far) = two();
    let (to, block) = (far.mailbox.address(), [7; 30_000]);
    let mut posted = 0;
    let refused = loop {
        match near.mailbox.post(to, head(1, posted), &[&block]) {
            Ok(()) => posted += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
    assert!(near.mailbox.queued() <= BUDGET && posted > 2000);
    let mut seen = Vec::new();
    let mut next = 0;
    let writable = Token::new(Source::Mailbox, Key::fixed(u32::from(to.number())));
    near.mailbox.flush();
    while next < posted {
        far.read_packet(&mut seen);
        assert!(!seen.is_empty());
        for (head, _, payload) in seen.drain(..) {
            assert_eq!((head.a, payload.len()), (next, block.len()));
            next += 1;
        }
        near.mailbox.handle_ready(writable, &mut |_| unreachable!());
    }
    assert_eq!(near.mailbox.queued(), 0);
    near.mailbox.post(to, head(1, 0), &[&block]).unwrap();
}

#[test]
fn the_poll_tells_when_a_full_box_takes_letters_again() {
    use crate::reactor::{Driver, Ready, turn};
    struct Wake<'a>(&'a Mailbox, Cell<u32>);
    impl Driver for Wake<'_> {
        fn cycle(&self, _: bool) {}
        fn io(&self, token: Token, _: Ready) {
            self.1.set(self.1.get() + 1);
            self.0.handle_ready(token, &mut |_| true);
        }
        fn timer(&self, _: Token) {}
        fn signals(&self) {}
        fn deferred(&self) {}
        fn has_deferred(&self) -> bool {
            false
        }
        fn settle(&self) {}
        fn stopped(&self) -> bool {
            false
        }
        fn alive(&self) -> bool {
            true
        }
    }
    let (near, far) = two();
    let block = [7; 30_000];
    while near.mailbox.queued() < 1_000_000 {
        near.mailbox.post(far.mailbox.address(), head(1, 0), &[&block]).unwrap();
        near.mailbox.flush();
    }
    let wake = Wake(&near.mailbox, Cell::new(0));
    let mut seen = Vec::new();
    while near.mailbox.queued() > 0 {
        far.read_packet(&mut seen);
        turn(&near.reactor, &wake, Some(Duration::ZERO)).unwrap();
    }
    assert!(wake.1.get() > 0);
}

#[test]
fn a_successor_reads_what_its_predecessor_left() {
    let (near, far) = two();
    let (to, office) = (far.mailbox.address(), Arc::clone(near.mailbox.office()));
    for n in 0..3 {
        near.mailbox.post(to, head(1, n), &[b"x"]).unwrap();
    }
    near.mailbox.flush();
    near.mailbox.post_alone(to, head(1, 3), &[b"alone"]).unwrap();
    let mut seen = Vec::new();
    // It stops within a packet, and ends.
    far.mailbox.handle_ready(far.own(), &mut |letter| {
        seen.push(letter.head.a);
        false
    });
    far.mailbox.end(far.reactor.now(), to);
    drop(far);
    let next = place(&office, to);
    let mut rest = Vec::new();
    for _ in 0..3 {
        next.read_packet(&mut rest);
    }
    seen.extend(rest.iter().map(|(head, ..)| head.a));
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2, 3]);
    near.mailbox.post_alone(office.address(1, 1).unwrap(), head(1, 9), &[]).unwrap();
    next.mailbox.adopt(office.address(1, 1).unwrap());
    let mut adopted = Vec::new();
    next.mailbox.pause();
    next.read_packet(&mut adopted);
    assert!(adopted.is_empty() && !next.mailbox.is_idle());
    next.mailbox.resume();
    next.read_packet(&mut adopted);
    assert!(adopted.len() == 1 && adopted[0].0.a == 9 && next.mailbox.is_idle());
}

#[test]
fn a_wait_takes_its_letter_and_keeps_the_others() {
    let (near, far) = two();
    let to = near.mailbox.address();
    for n in [4, 7, 5] {
        far.mailbox.post(to, head(1, n), &[b"body"]).unwrap();
    }
    far.mailbox.flush();
    let mut found = Vec::new();
    let deadline = near.reactor.now() + Duration::from_secs(30);
    let waited = near.mailbox.wait(deadline, &mut |letter| {
        let wanted = letter.head.a == 7;
        if wanted {
            found.extend_from_slice(letter.payload);
        }
        wanted
    });
    assert_eq!((waited, &found[..]), (Waited::Arrived, &b"body"[..]));
    let mut seen = Vec::new();
    near.read_packet(&mut seen);
    assert_eq!(seen.iter().map(|(head, ..)| head.a).collect::<Vec<_>>(), [4, 5]);
    let soon = near.reactor.refresh_now() + Duration::from_millis(5);
    assert_eq!(near.mailbox.wait(soon, &mut |_| true), Waited::TimedOut);
}

#[test]
fn a_letter_goes_to_the_process_that_serves() {
    let office = PostOffice::new(3, 1, 1 << 20).unwrap();
    assert_eq!(office.serving(2), office.address(2, 0));
    office.set_serving(2, 1);
    assert_eq!(office.serving(2), office.address(2, 1));
    assert_eq!(office.slot_of(office.address(2, 1).unwrap()), Some(2));
    assert_eq!(office.slot_of(office.extra(0).unwrap()), None);
    assert_eq!((office.extra(1), office.serving(3), office.address(3, 0)), (None, None, None));
}

/// The near ends of socket pairs, with a letter each; the far ends say which is which.
fn post_sockets(from: &Mailbox, to: Address, numbers: std::ops::Range<u64>) -> Vec<OwnedFd> {
    let post = |n: u64| {
        let (near, far) = packet::pair().unwrap();
        packet::send(&far, &n.to_ne_bytes(), &[]).unwrap();
        let large = vec![b'x'; if n % 100 == 7 { INLINE + 1 } else { 3 }];
        from.post_socket(to, head(kind::CONNECTION, n), &[b"<", &large], near).unwrap();
        far
    };
    numbers.map(post).collect()
}

fn read_sockets(place: &Place, seen: &mut Vec<u64>, goes_on: bool) {
    place.mailbox.handle_ready(place.own(), &mut |letter| {
        let (mut bytes, n) = (BytesMut::new(), letter.head.a);
        if letter.head.kind == kind::CONNECTION {
            packet::receive(&letter.socket.unwrap(), &mut bytes, 8, &mut Vec::new()).unwrap();
            assert_eq!(bytes.get_u64_ne(), n);
            assert_eq!(letter.payload.len(), if n % 100 == 7 { INLINE + 2 } else { 4 });
        }
        seen.push(n);
        goes_on
    });
}

#[test]
fn sockets_travel_in_packets_of_their_own_through_a_full_box() {
    let (near, far) = two();
    let to = far.mailbox.address();
    near.mailbox.post(to, head(1, 0), &[b"before"]).unwrap();
    let _kept = post_sockets(&near.mailbox, to, 1..301);
    near.mailbox.post(to, head(1, 301), &[b"behind"]).unwrap();
    near.mailbox.flush();
    let mut seen = Vec::new();
    read_sockets(&far, &mut seen, true);
    assert_eq!(seen, [0]);
    let writable = Token::new(Source::Mailbox, Key::fixed(u32::from(to.number())));
    while seen.len() < 302 {
        read_sockets(&far, &mut seen, true);
        near.mailbox.handle_ready(writable, &mut |_| unreachable!());
    }
    assert_eq!(seen, (0..302).collect::<Vec<_>>());
}

#[test]
fn sockets_that_nobody_took_wait_for_the_next_process() {
    let (near, far) = two();
    let (to, office) = (far.mailbox.address(), Arc::clone(near.mailbox.office()));
    let _kept = post_sockets(&near.mailbox, to, 0..10);
    near.mailbox.flush();
    // One is taken, the others go back: behind those that the process parks itself.
    let mut seen = Vec::new();
    read_sockets(&far, &mut seen, false);
    let _parked = post_sockets(&far.mailbox, to, 10..12);
    assert!(far.mailbox.end(far.reactor.now(), to).is_empty());
    drop(far);
    let next = place(&office, office.address(1, 1).unwrap());
    next.mailbox.adopt(to);
    while next.mailbox.has_backlog() {
        read_sockets(&next, &mut seen, true);
    }
    assert_eq!(seen, [0, 10, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn what_an_heir_is_left_comes_behind_what_it_was_given() {
    let (near, far) = two();
    let (own, office) = (far.mailbox.address(), Arc::clone(near.mailbox.office()));
    let heir = place(&office, office.address(1, 1).unwrap());
    office.set_owner(own, 7);
    near.mailbox.post_alone(own, head(1, 0), &[b"read"]).unwrap();
    near.mailbox.post_alone(own, head(1, 2), &[b"not read"]).unwrap();
    let mut seen = Vec::new();
    far.read_packet(&mut seen);
    far.mailbox.post(heir.mailbox.address(), head(1, 1), &[b"given"]).unwrap();
    far.mailbox.end(far.reactor.now(), heir.mailbox.address());
    assert_eq!(office.owner(own), 0);
    heir.read_packet(&mut seen);
    assert_eq!(seen.iter().map(|(head, ..)| head.a).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn connections_that_find_no_room_at_the_end_are_named() {
    let (near, far) = two();
    let to = far.mailbox.address();
    let mut posted = 0;
    while near.mailbox.queued() < 1_000_000 {
        let (socket, _) = packet::pair().unwrap();
        let head = head(kind::CONNECTION, posted);
        near.mailbox.post_socket(to, head, &[&[b'x'; 30_000]], socket).unwrap();
        near.mailbox.flush();
        posted += 1;
    }
    let lost = near.mailbox.end(near.reactor.now(), near.mailbox.address());
    let mut seen = Vec::new();
    while seen.len() + lost.len() < usize::try_from(posted).unwrap() {
        far.read_packet(&mut seen);
    }
    let seen = seen.iter().map(|(head, ..)| head.a);
    assert_eq!(seen.chain(lost).collect::<Vec<_>>(), (0..posted).collect::<Vec<_>>());
}

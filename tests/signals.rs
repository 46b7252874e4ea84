//! Signals as events, in a process of its own: dispositions belong to the whole process.

use std::{io, time::Duration};

use tether::sys::{
    descriptor::{Events, poll_one},
    process,
    signal::{self, SIGALRM, SIGUSR1, SIGUSR2, Signals},
};

#[test]
fn signals_are_noted_drained_once_and_given_back() {
    signal::ignore(SIGUSR2).unwrap();
    let signals = Signals::new(&[SIGUSR1, SIGUSR2]).unwrap();
    assert_eq!(Signals::new(&[]).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(signals.add(9).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    assert_eq!(signals.drain().count(), 0);

    process::kill(process::id(), SIGUSR2).unwrap();
    process::kill(process::id(), SIGUSR1).unwrap();
    process::kill(process::id(), SIGUSR1).unwrap();
    assert!(poll_one(&signals, Events::READ, Some(Duration::from_secs(5))).unwrap().read);
    let mut seen = Vec::new();
    while !(seen.contains(&SIGUSR1) && seen.contains(&SIGUSR2)) {
        seen.extend(signals.drain());
    }
    // Another thread may take the second SIGUSR1 a little later: a mark of its own, or a byte only.
    while poll_one(&signals, Events::READ, Some(Duration::from_millis(50))).unwrap().read {
        seen.extend(signals.drain());
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, [SIGUSR1, SIGUSR2]);

    signal::ignore(SIGALRM).unwrap();
    signals.add(SIGALRM).unwrap();
    signals.remove(SIGALRM).unwrap();
    process::kill(process::id(), SIGALRM).unwrap();

    drop(signals);
    process::kill(process::id(), SIGUSR2).unwrap();
    let again = Signals::new(&[SIGUSR2]).unwrap();
    assert_eq!(again.drain().count(), 0, "ignored while nobody had it");
    again.add(SIGALRM).unwrap();
    again.leave();
    process::kill(process::id(), SIGALRM).unwrap();
    assert!(Signals::new(&[]).is_ok());
}

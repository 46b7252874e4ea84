use super::OptionError;

/// The suites that a list of OpenSSL's (`ssl_ciphers`) leaves, by their numbers (RFC 8446 appendix B.4),
/// what is preferred first; and its elements that are neither suites of the TLS library nor words.
///
/// Names of TLS 1.3 choose among the suites of TLS 1.3, everything else among those of TLS 1.2. A
/// version that is not spoken of keeps what it has.
///
/// # Errors
/// Nothing is left.
pub(super) fn choose(list: &str) -> Result<(Vec<u16>, Vec<String>), OptionError> {
    let mut chosen: Vec<&'static Suite> = Vec::new();
    let mut banned: Vec<&'static Suite> = Vec::new();
    let mut unknown = Vec::new();
    for element in list.split([':', ',', ';', ' ']).filter(|element| !element.is_empty()) {
        let (sign, name) = match element.split_at_checked(1) {
            Some((sign @ ("!" | "-" | "+"), name)) => (sign, name),
            // Of strength and security levels: all that there is has the highest.
            Some(("@", _)) => continue,
            _ => ("", element),
        };
        let Some(found) = find(name) else {
            // What is left out need not be there.
            if sign.is_empty() {
                unknown.push(name.to_owned());
            }
            continue;
        };
        let is_found = |suite: &&'static Suite| found.iter().any(|f| f.number == suite.number);
        match sign {
            "!" => {
                chosen.retain(|suite| !is_found(suite));
                banned.extend(found.iter().copied());
            }
            "-" => chosen.retain(|suite| !is_found(suite)),
            "+" => chosen.sort_by_key(|suite| is_found(suite)),
            _ => {
                for suite in found {
                    let taken = chosen.iter().chain(&banned).any(|s| s.number == suite.number);
                    if !taken {
                        chosen.push(suite);
                    }
                }
            }
        }
    }
    if chosen.is_empty() {
        return Err(OptionError::Value(
            "option \"ssl_ciphers\" names no cipher that the TLS library has".into(),
        ));
    }
    let mut suites = Vec::new();
    for tls13 in [true, false] {
        let named = chosen.iter().filter(|suite| suite.is_tls13() == tls13);
        let mut numbers: Vec<u16> = named.map(|suite| suite.number).collect();
        if numbers.is_empty() {
            let left = SUITES.iter().filter(|suite| suite.is_tls13() == tls13);
            let left = left.filter(|suite| banned.iter().all(|b| b.number != suite.number));
            numbers = left.map(|suite| suite.number).collect();
        }
        suites.extend(numbers);
    }
    Ok((suites, unknown))
}

/// A suite of the TLS library.
#[derive(Debug)]
struct Suite {
    number: u16,
    openssl: &'static str,
    iana: &'static str,
}

impl Suite {
    fn is_tls13(&self) -> bool {
        self.number >> 8 == 0x13
    }

    /// Whether a word of OpenSSL's lists means it, too; the words choose among TLS 1.2.
    fn is_meant_by(&self, word: &str) -> bool {
        let has = |part| self.openssl.contains(part);
        !self.is_tls13()
            && match word {
                "ALL" | "DEFAULT" | "HIGH" | "TLSv1.2" => true,
                "ECDHE" | "EECDH" | "ECDH" | "kECDHE" | "kEECDH" => true,
                "ECDSA" | "aECDSA" => has("-ECDSA-"),
                "aRSA" => has("-RSA-"),
                "AES" | "AESGCM" | "FIPS" => has("-AES"),
                "AES128" => has("-AES128-"),
                "AES256" => has("-AES256-"),
                "CHACHA20" => has("-CHACHA20-"),
                _ => false,
            }
    }
}

/// In the library's order.
const SUITES: [Suite; 9] = [
    suite(0x1302, "TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
    suite(0x1301, "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    suite(0x1303, "TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256"),
    suite(0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    suite(0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    suite(0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    suite(0xc030, "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    suite(0xc02f, "ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    suite(0xcca8, "ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
];

/// Words of OpenSSL's lists. Most of them mean only what the TLS library was made without.
const WORDS: [&str; 62] = [
    "ALL",
    "DEFAULT",
    "HIGH",
    "MEDIUM",
    "LOW",
    "EXP",
    "EXPORT",
    "COMPLEMENTOFALL",
    "COMPLEMENTOFDEFAULT",
    "FIPS",
    "NULL",
    "aNULL",
    "eNULL",
    "RSA",
    "kRSA",
    "aRSA",
    "DH",
    "kDHE",
    "kEDH",
    "DHE",
    "EDH",
    "ADH",
    "aDSS",
    "DSS",
    "ECDH",
    "kECDHE",
    "kEECDH",
    "ECDHE",
    "EECDH",
    "AECDH",
    "aECDSA",
    "ECDSA",
    "PSK",
    "kPSK",
    "aPSK",
    "SRP",
    "kSRP",
    "aSRP",
    "GOST",
    "AES",
    "AES128",
    "AES256",
    "AESGCM",
    "AESCCM",
    "AESCCM8",
    "ARIA",
    "CAMELLIA",
    "CHACHA20",
    "3DES",
    "DES",
    "RC4",
    "RC2",
    "IDEA",
    "SEED",
    "MD5",
    "SHA",
    "SHA1",
    "SHA256",
    "SHA384",
    "TLSv1",
    "TLSv1.2",
    "SSLv3",
];

const fn suite(number: u16, openssl: &'static str, iana: &'static str) -> Suite {
    Suite { number, openssl, iana }
}

/// What an element means: a suite, or all that its words (joined with `+`) mean together. `None`: it
/// is not known.
fn find(name: &str) -> Option<Vec<&'static Suite>> {
    let named = SUITES.iter().find(|suite| suite.openssl == name || suite.iana == name);
    if let Some(suite) = named {
        return Some(vec![suite]);
    }
    let known = name.split('+').all(|word| WORDS.contains(&word));
    let meant = |suite: &&Suite| name.split('+').all(|word| suite.is_meant_by(word));
    known.then(|| SUITES.iter().filter(meant).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TLS13: [u16; 3] = [0x1302, 0x1301, 0x1303];

    fn after_tls13(list: &str) -> Vec<u16> {
        let (suites, unknown) = choose(list).unwrap();
        assert_eq!((&suites[..3], unknown), (&TLS13[..], vec![]), "{list}");
        suites[3..].to_vec()
    }

    #[test]
    fn lists_are_read_as_openssl_reads_them() {
        assert_eq!(after_tls13("ECDHE-RSA-AES128-GCM-SHA256"), [0xc02f]);
        assert_eq!(after_tls13("EECDH+AESGCM:EDH+AESGCM"), [0xc02c, 0xc02b, 0xc030, 0xc02f]);
        assert_eq!(after_tls13("HIGH:!aNULL:!MD5:!RC4-MD5").len(), 6);
        assert_eq!(after_tls13("CHACHA20:AES256:!aRSA @STRENGTH"), [0xcca9, 0xc02c]);
        assert_eq!(after_tls13("AES256:CHACHA20:-ECDSA:+AES256"), [0xcca8, 0xc030]);
        let number = after_tls13("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
        assert_eq!(number, [0xcca8]);
    }

    #[test]
    fn each_version_has_names_of_its_own() {
        let (suites, _) = choose("TLS_AES_128_GCM_SHA256").unwrap();
        assert_eq!((suites[0], suites.len()), (0x1301, 7));
        let (suites, _) = choose("TLS_AES_128_GCM_SHA256:ECDHE+CHACHA20+aRSA").unwrap();
        assert_eq!(suites, [0x1301, 0xcca8]);
        let (suites, _) = choose("ECDHE-RSA-AES128-GCM-SHA256:!TLS_AES_256_GCM_SHA384").unwrap();
        assert_eq!(suites, [0x1301, 0x1303, 0xc02f]);
    }

    #[test]
    fn what_is_not_there_is_told() {
        let (suites, unknown) = choose("AES128-SHA:AES256+NONSENSE:AESGCM").unwrap();
        assert_eq!(
            (suites.len(), unknown),
            (7, vec!["AES128-SHA".into(), "AES256+NONSENSE".into()])
        );
        for nothing in ["", "RC4", "AES128-SHA", "!aNULL", "ALL:!ECDHE"] {
            assert!(choose(nothing).is_err(), "{nothing}");
        }
    }
}

//! The page over TLS with certificates from both sides: who is let in, what each role may see, and by what name
//! everybody else is refused.

use crate::desk::program::{Hall, token, token_for};
use crate::desk::tls::{self, Identity, Tls, admitted, answer, greet};
use crate::desk::wire::Server;
use crate::desk::{Desk, text};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use rustls::AlertDescription;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use std::io::{Read, Write};

/// The page's program, for whoever has a certificate of this headquarters.
fn guarded(desk: &Desk) -> Hall {
    Hall::start_with(desk, &["--name", "127.0.0.1", "--name", "hq"])
}

/// Somebody with a certificate, as the file has it.
fn person(desk: &Desk, name: &str, role: &str, file: &str) -> Identity {
    let path = desk.path(file);
    desk.done(&["person", "make", name, "--role", role, "--out", text(&path)]);
    let certificates: Vec<Vec<u8>> = CertificateDer::pem_file_iter(&path)
        .unwrap()
        .map(|certificate| certificate.unwrap().to_vec())
        .collect();
    let [certificate, authority]: [Vec<u8>; 2] = certificates.try_into().unwrap();
    let key = PrivateKeyDer::from_pem_file(&path).unwrap();
    Identity {
        certificate,
        key: key.secret_der().to_vec(),
        authority,
    }
}

/// A certificate of this headquarters' authority that stands in no book, good until the first day of this year.
fn certified(desk: &Desk, until: i32) -> Identity {
    let bytes = std::fs::read(desk.state().join("authority.key")).unwrap();
    let key = KeyPair::from_der_and_sign_algo(
        &PrivateKeyDer::Pkcs8(bytes.into()),
        &PKCS_ECDSA_P256_SHA256,
    )
    .unwrap();
    let named = |name: &str| {
        let mut named = DistinguishedName::new();
        named.push(DnType::CommonName, name);
        named
    };
    let mut authority = CertificateParams::default();
    authority.distinguished_name = named("Mpaka headquarters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let mut about = CertificateParams::default();
    about.distinguished_name = named("e.nobody");
    about.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    about.not_before = date_time_ymd(2020, 1, 1);
    about.not_after = date_time_ymd(until, 1, 1);
    let own = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let certificate = about
        .signed_by(&own, &Issuer::from_params(&authority, &key))
        .unwrap();
    Identity {
        certificate: certificate.der().to_vec(),
        key: own.serialize_der(),
        authority: std::fs::read(desk.state().join("authority.der")).unwrap(),
    }
}

/// One exchange over a connection that stays open: status and body.
fn ask(stream: &mut Tls, request: &str, fields: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut head = format!("{request} HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
    if !fields.iter().any(|(name, _)| *name == "Host") {
        head += "Host: hq\r\n";
    }
    for (name, value) in fields {
        head += &format!("{name}: {value}\r\n");
    }
    stream
        .write_all(format!("{head}\r\n{body}").as_bytes())
        .unwrap();
    let (status, body) = answer(stream).unwrap();
    (status, String::from_utf8(body).unwrap())
}

/// The same for a refusal: its status and name.
fn refused(stream: &mut Tls, request: &str) -> (u16, String) {
    let (status, body) = ask(stream, request, &[], "");
    (status, error_of(&body))
}

fn error_of(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body["error"].as_str().unwrap_or_default().to_owned()
}

/// The alert with which the server ends the greeting of whoever shows this.
fn alert(port: u16, authority: &[u8], shown: Option<&Identity>) -> AlertDescription {
    let mut stream = greet(port, authority, shown);
    let error = stream.read(&mut [0]).unwrap_err();
    let said = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<rustls::Error>());
    match said {
        Some(rustls::Error::AlertReceived(alert)) => *alert,
        _ => panic!("no alert of TLS: {error:?}"),
    }
}

#[test]
fn each_role_sees_what_it_may_and_is_refused_the_rest_by_name() {
    let desk = Desk::new();
    desk.import("entry,names\nUTO-1,\"SPECIMEN, Anna\"\n");
    let hall = guarded(&desk);
    let paths = [
        "/",
        "/fleet.csv",
        "/api/v1/fleet",
        "/difference",
        "/acts",
        "/rollout/halt",
        "/api/v1/posts",
        "/api/v1/offers",
    ];
    for (role, may) in [
        ("viewer", &paths[..3]),
        (
            "auditor",
            &["/", "/fleet.csv", "/api/v1/fleet", "/acts"][..],
        ),
        ("approver", &paths[..4]),
        (
            "publisher",
            &[
                "/",
                "/fleet.csv",
                "/api/v1/fleet",
                "/difference",
                "/rollout/halt",
            ][..],
        ),
    ] {
        let name = format!("a.{role}");
        let shown = person(&desk, &name, role, &format!("{role}.pem"));
        let mut stream = greet(hall.port, &shown.authority, Some(&shown));
        for path in paths {
            let (status, body) = ask(&mut stream, &format!("GET {path}"), &[], "");
            if may.contains(&path) {
                assert_eq!(status, 200, "{role} {path}: {body}");
            } else {
                let refusal = (status, error_of(&body));
                assert_eq!(refusal, (403, "wrong_role".into()), "{role} {path}");
            }
            if path == "/" {
                assert!(body.contains(&name) && !body.contains("Sign out"));
            }
        }
        // Nobody signs in who has come by certificate, and no token adds to a role.
        assert_eq!(ask(&mut stream, "GET /sign-in", &[], "").0, 303);
        let wide = token(&desk, &format!("{role}-token"), "decisions");
        let bearer = format!("Bearer {wide}");
        let fields = [("Authorization", bearer.as_str())];
        let (_, body) = ask(&mut stream, "GET /api/v1/posts", &fields, "");
        assert_eq!(error_of(&body), "wrong_role");
    }
    // What the pages of those who look before and after say.
    let approver = person(&desk, "b.otieno", "approver", "b.pem");
    let mut stream = greet(hall.port, &approver.authority, Some(&approver));
    let (_, page) = ask(&mut stream, "GET /difference", &[], "");
    assert!(
        page.contains("UTO-1") && page.contains("Utopia Police"),
        "{page}"
    );
    assert!(
        !page.contains("SPECIMEN"),
        "no name of a person stands there"
    );
    let auditor = person(&desk, "c.hassan", "auditor", "c.pem");
    let mut stream = greet(hall.port, &auditor.authority, Some(&auditor));
    let (_, page) = ask(&mut stream, "GET /acts", &[], "");
    assert!(
        page.contains("ceremony") && page.contains("lines verify"),
        "{page}"
    );
    let ledger = desk.state().join("acts.ledger");
    let written = std::fs::read_to_string(&ledger).unwrap();
    std::fs::write(&ledger, written.replacen("ceremony", "coronation", 1)).unwrap();
    let (_, page) = ask(&mut stream, "GET /acts", &[], "");
    assert!(page.contains("does not verify"), "{page}");
}

#[test]
fn whoever_shows_no_certificate_of_ours_meets_an_alert() {
    let desk = Desk::new();
    let shown = person(&desk, "a.wanjiru", "viewer", "a.pem");
    let hall = guarded(&desk);
    let authority = &shown.authority[..];
    assert_eq!(
        alert(hall.port, authority, None),
        AlertDescription::CertificateRequired
    );
    // Signed by its bearer; by another headquarters, whose authority bears the same name; past its time.
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let own = CertificateParams::new(vec!["a.wanjiru".into()]).unwrap();
    let own = Identity {
        certificate: own.self_signed(&key).unwrap().der().to_vec(),
        key: key.serialize_der(),
        authority: authority.to_vec(),
    };
    assert_eq!(
        alert(hall.port, authority, Some(&own)),
        AlertDescription::UnknownCA
    );
    let elsewhere = Desk::new();
    let theirs = person(&elsewhere, "a.wanjiru", "viewer", "a.pem");
    assert_eq!(
        alert(hall.port, authority, Some(&theirs)),
        AlertDescription::DecryptError
    );
    let late = certified(&desk, 2021);
    assert_eq!(
        alert(hall.port, authority, Some(&late)),
        AlertDescription::CertificateExpired
    );
    // In the clear nothing is answered, and other machines are not served that way.
    let answer = hall.ask("GET", "/", &[], "");
    assert_eq!((answer.status, &answer.body[..]), (0, ""));
    let said = desk.refused(&["serve", "--listen", "0.0.0.0:0"], 2);
    assert!(said.contains("not on this machine"), "{said}");
}

#[test]
fn a_certificate_counts_as_long_as_headquarters_book_says_and_for_a_person_alone() {
    let desk = Desk::new();
    let first = person(&desk, "a.wanjiru", "publisher", "first.pem");
    let hall = guarded(&desk);
    let mut open = greet(hall.port, &first.authority, Some(&first));
    assert_eq!(ask(&mut open, "GET /", &[], "").0, 200);

    // Another takes its place: what was open before is refused from the next request on.
    let second = person(&desk, "a.wanjiru", "viewer", "second.pem");
    let ended = (403, "certificate_ended".to_owned());
    for path in [
        "/",
        "/rollout/halt",
        "/metrics",
        "/assets/fleet.css",
        "/nowhere",
    ] {
        assert_eq!(refused(&mut open, &format!("GET {path}")), ended, "{path}");
    }
    let mut stream = greet(hall.port, &second.authority, Some(&second));
    assert_eq!(ask(&mut stream, "GET /", &[], "").0, 200);
    assert_eq!(
        refused(&mut stream, "GET /rollout/halt"),
        (403, "wrong_role".into())
    );
    desk.done(&["person", "end", "a.wanjiru"]);
    assert_eq!(refused(&mut stream, "GET /"), ended);
    let mut stream = greet(hall.port, &second.authority, Some(&second));
    assert_eq!(refused(&mut stream, "GET /"), ended);
    let listed = desk.done(&["person", "list"]);
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|person| person["ended_at"].is_string()));

    // A certificate that the authority signed and nobody wrote down; a box's.
    let nobody = certified(&desk, 2099);
    let mut stream = greet(hall.port, &nobody.authority, Some(&nobody));
    assert_eq!(
        refused(&mut stream, "GET /"),
        (403, "unknown_person".into())
    );
    let (_, of_box) = admitted(&desk, "NAMANGA");
    let mut stream = greet(hall.port, &of_box.authority, Some(&of_box));
    assert_eq!(refused(&mut stream, "GET /"), (403, "not_a_person".into()));
    // Nor does a person speak for a box.
    let server = Server::guarded(&desk, &[]);
    let mut stream = greet(server.port, &of_box.authority, Some(&of_box));
    let (status, _) = tls::ask(&mut stream, "GET /v1/health", b"").unwrap();
    assert_eq!(status, 200);
    let third = person(&desk, "a.wanjiru", "viewer", "third.pem");
    let mut stream = greet(server.port, &third.authority, Some(&third));
    assert!(tls::ask(&mut stream, "GET /v1/health", b"").is_err());
    desk.refused(&["person", "end", "e.nobody"], 3);
    desk.refused(
        &[
            "person", "make", "f.new", "--role", "king", "--out", "x.pem",
        ],
        2,
    );
}

#[test]
fn over_tls_other_sites_and_names_are_refused_and_a_system_shows_its_token() {
    let desk = Desk::new();
    let publisher = person(&desk, "a.wanjiru", "publisher", "a.pem");
    let hall = guarded(&desk);
    let mut stream = greet(hall.port, &publisher.authority, Some(&publisher));
    for host in ["evil.example", "localhost", "hq.evil.example"] {
        let (status, body) = ask(&mut stream, "GET /", &[("Host", host)], "");
        assert_eq!((status, error_of(&body)), (421, "another_host".into()));
    }
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for (field, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "http://hq"),
        ("Sec-Fetch-Site", "cross-site"),
    ] {
        let fields = [form, (field, value)];
        let (status, body) = ask(&mut stream, "POST /rollout/halt", &fields, "why=x");
        assert_eq!((status, error_of(&body)), (403, "another_site".into()));
    }
    // From its own page the form arrives; there is no rollout to halt.
    let fields = [form, ("Origin", "https://hq")];
    let (status, body) = ask(&mut stream, "POST /rollout/halt", &fields, "why=x");
    assert_eq!((status, error_of(&body)), (409, "not_open".into()));
    let acts = desk.done(&["acts"]);
    let halting = acts.iter().find(|act| act["act"] == "page-halt").unwrap();
    assert_eq!(halting["by"], "a.wanjiru");
    assert_eq!(halting["detail"]["certificate"], "a.wanjiru", "{halting}");

    // Another system: certificate and token, neither of them enough alone.
    let midas = person(&desk, "midas", "system", "midas.pem");
    let pulls = token_for(&desk, "midas-pulls", "decisions", &["--system", "midas"]);
    let mut stream = greet(hall.port, &midas.authority, Some(&midas));
    assert_eq!(
        refused(&mut stream, "GET /api/v1/posts"),
        (401, "no_token".into())
    );
    let bearer = format!("Bearer {pulls}");
    let fields = [("Authorization", bearer.as_str())];
    assert_eq!(ask(&mut stream, "GET /api/v1/posts", &fields, "").0, 200);
    let (status, body) = ask(&mut stream, "GET /metrics", &fields, "");
    assert_eq!((status, error_of(&body)), (403, "wrong_scope".into()));
    assert_eq!(
        alert(hall.port, &midas.authority, None),
        AlertDescription::CertificateRequired
    );
}

#[test]
fn a_token_opens_nothing_without_the_certificate_that_it_was_made_for() {
    let desk = Desk::new();
    let midas = person(&desk, "midas", "system", "midas.pem");
    let ministry = person(&desk, "ministry", "system", "ministry.pem");
    person(&desk, "a.wanjiru", "publisher", "a.pem");
    let pulls = token_for(&desk, "pulls", "decisions", &["--system", "midas"]);
    let of_nobody = token(&desk, "wide", "decisions");
    let hall = guarded(&desk);
    let posts = |shown: &Identity, name: &str, value: &str| {
        let mut stream = greet(hall.port, &shown.authority, Some(shown));
        let (status, body) = ask(&mut stream, "GET /api/v1/posts", &[(name, value)], "");
        (status, error_of(&body))
    };
    let bearer = |secret: &str| format!("Bearer {secret}");
    let shown = bearer(&pulls);
    assert_eq!(posts(&midas, "Authorization", &shown).0, 200);

    // Copied by another system, or made for none; in a cookie as well.
    let refused = (403, "wrong_certificate".to_owned());
    assert_eq!(posts(&ministry, "Authorization", &shown), refused);
    let cookie = format!("mpaka_hq={pulls}");
    assert_eq!(posts(&ministry, "Cookie", &cookie), refused);
    let wide = bearer(&of_nobody);
    assert_eq!(posts(&midas, "Authorization", &wide), refused);
    // Nor does it open the door where no certificate is asked for; one that was made for none does.
    let clear = Hall::start(&desk);
    let answer = clear.get("/api/v1/posts", &pulls);
    assert_eq!((answer.status, error_of(&answer.body)), refused);
    assert_eq!(clear.get("/api/v1/posts", &of_nobody).status, 200);

    // The system's next certificate goes on with its token; no other takes its place.
    let renewed = person(&desk, "midas", "system", "renewed.pem");
    assert_eq!(posts(&renewed, "Authorization", &shown).0, 200);
    let ended = (403, "certificate_ended".to_owned());
    assert_eq!(posts(&midas, "Authorization", &shown), ended);

    // It is made for a system that is there, and the list says for which.
    for nobody in ["e.nobody", "a.wanjiru"] {
        let words = ["token", "make", "x", "--scope", "view", "--system", nobody];
        desk.refused(&words, 3);
    }
    let listed = desk.done(&["token", "list"]);
    let bound = listed.iter().find(|token| token["name"] == "pulls");
    assert_eq!(bound.unwrap()["system"], "midas");
}

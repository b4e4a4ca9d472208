//! The guide: for API authors, plugin authors and hosts.
//!
//! | you write | chapters |
//! | --- | --- |
//! | an API | [your own API](api), [what crosses the boundary](crossing), [bring your trait](bring), [types of foreign crates](boundary), [many functions from one plugin](registrar), [changing an interface](growing), [your API in its third year](years), [two copies of everything](two_copies) |
//! | a plugin | [your first plugin](first_plugin), [async plugins](async_plugins), [testing], [logging], [debugging] |
//! | a host | [your own host](host), [trust], [live reload](live) |
//!
//! [When a plugin is refused](refused) has a section for each code, and [what is checked](checked) lists the checks. In
//! the background: [why plugins are checked](traps), [failures with and without plugbox](what_happens_if),
//! [what the gate relies on](relied_on), [why it is sound](soundness), [other ways, compared](compared),
//! [versions], [systems], and [the command's JSON output](json).

/// The chapters link to each other by files, for readers of the repository. Here these labels come first, so they win.
macro_rules! labels {
    () => {
        "\
[api]: crate::guide::api
[async]: crate::guide::async_plugins
[boundary]: crate::guide::boundary
[bring]: crate::guide::bring
[checked]: crate::guide::checked
[compared]: crate::guide::compared
[crossing]: crate::guide::crossing
[debugging]: crate::guide::debugging
[first-plugin]: crate::guide::first_plugin
[growing]: crate::guide::growing
[host]: crate::guide::host
[json]: crate::guide::json
[live]: crate::guide::live
[logging]: crate::guide::logging
[refused]: crate::guide::refused
[refused#compiler-differs]: crate::guide::refused#compiler-differs
[registrar]: crate::guide::registrar
[relied-on]: crate::guide::relied_on
[soundness]: crate::guide::soundness
[systems]: crate::guide::systems
[testing]: crate::guide::testing
[traps]: crate::guide::traps
[trust]: crate::guide::trust
[two-copies]: crate::guide::two_copies
[versions]: crate::guide::versions
[what-happens-if]: crate::guide::what_happens_if
[years]: crate::guide::years
[DESIGN.md]: https://github.com/plugbox-rs/plugbox/blob/main/DESIGN.md
[README.md]: https://github.com/plugbox-rs/plugbox/blob/main/README.md
[SECURITY.md]: https://github.com/plugbox-rs/plugbox/blob/main/SECURITY.md
[benches/README.md]: https://github.com/plugbox-rs/plugbox/blob/main/benches/README.md
[examples/rest]: https://github.com/plugbox-rs/plugbox/blob/main/examples/rest/README.md
[plugins/edit/count]: https://github.com/plugbox-rs/plugbox/blob/main/plugins/edit/count/src/lib.rs
[plugins/c/README.md]: https://github.com/plugbox-rs/plugbox/blob/main/plugins/c/README.md
"
    };
}

/// The code of the first list is compiled and run with the tests; the second list shows code of the repository that is,
/// such as that of `loader/tests/guide`.
macro_rules! chapters {
    ({ $($tested:ident $tested_file:literal)+ } { $($shown:ident $shown_file:literal)+ }) => {
        $(
            #[doc = labels!()]
            #[doc = include_str!(concat!("../guide/", $tested_file))]
            pub mod $tested {}
        )+
        $(
            #[cfg(not(doctest))]
            #[doc = labels!()]
            #[doc = include_str!(concat!("../guide/", $shown_file))]
            pub mod $shown {}
        )+
    };
}

chapters! {
    {
        growing "growing.md"
        testing "testing.md"
    }
    {
        api "api.md"
        async_plugins "async.md"
        boundary "boundary.md"
        bring "bring.md"
        checked "checked.md"
        compared "compared.md"
        crossing "crossing.md"
        debugging "debugging.md"
        first_plugin "first-plugin.md"
        host "host.md"
        json "json.md"
        live "live.md"
        logging "logging.md"
        refused "refused.md"
        registrar "registrar.md"
        relied_on "relied-on.md"
        soundness "soundness.md"
        systems "systems.md"
        traps "traps.md"
        trust "trust.md"
        two_copies "two-copies.md"
        versions "versions.md"
        what_happens_if "what-happens-if.md"
        years "years.md"
    }
}

//! The flags that the gate compares, from rustc's arguments. The arguments are taken apart as rustc does it.

/// The options of rustc that take no value.
const WITHOUT_VALUE: [&str; 4] = ["help", "test", "verbose", "version"];
const WITHOUT_VALUE_SHORT: [char; 5] = ['g', 'h', 'O', 'v', 'V'];

/// Replaces each argument `@path` by the lines of that file. `read` returns `None` if it cannot read a file.
pub(crate) fn expanded(arguments: &[&str], mut read: impl FnMut(&str) -> Option<String>) -> Vec<String> {
    let lines = |argument: &&str| match argument.strip_prefix('@').and_then(&mut read) {
        Some(text) => text.lines().map(str::to_owned).collect(),
        None => vec![(*argument).to_owned()],
    };
    arguments.iter().flat_map(lines).collect()
}

/// The flags in effect that may change layouts or calling conventions although the compiler is the same, sorted.
pub(crate) fn compared(arguments: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut set = |flag: &str, on: bool| {
        found.retain(|earlier| earlier != flag);
        if on {
            found.push(flag.to_owned());
        }
    };
    for setting in settings(arguments) {
        let (key, value) = setting.split_once('=').map_or((setting, None), |(key, value)| (key, Some(value)));
        match (&*key.replace('_', "-"), value) {
            (flag @ ("prefer-dynamic" | "randomize-layout" | "soft-float"), value) => {
                set(flag, !matches!(value, Some("n" | "no" | "off" | "false")));
            }
            (flag @ "layout-seed", _) => set(flag, true),
            // Several of these options add up.
            ("sanitizer", Some(names)) => names.split(',').for_each(|name| set(&format!("sanitizer={name}"), true)),
            ("target-feature", Some(features)) => {
                for feature in features.split(',').filter(|feature| feature.ends_with("soft-float")) {
                    set("soft-float", feature == "+soft-float");
                }
            }
            _ => {}
        }
    }
    found.sort();
    found
}

/// The value of the last option `-C` with this key.
pub(crate) fn last<'a>(arguments: &'a [String], key: &str) -> Option<&'a str> {
    let pairs = settings(arguments).into_iter().filter_map(|setting| setting.split_once('='));
    pairs.rev().find(|(name, _)| name.replace('_', "-") == key).map(|(_, value)| value)
}

/// The linker's argument that binds a library's references to its own functions and data, even if the program that opens
/// the library exports the same names. `linker` is the one of cargo's configuration.
///
/// `None` where names are not bound that way (only ELF does it), or where the linker is not known.
pub(crate) fn symbolic(os: &str, linker: Option<&str>, arguments: &[String]) -> Option<&'static str> {
    if !["android", "dragonfly", "freebsd", "linux", "netbsd", "openbsd"].contains(&os) {
        return None;
    }
    let (driver, bare) = (Some("-Wl,-Bsymbolic"), Some("-Bsymbolic"));
    match last(arguments, "linker-flavor") {
        Some("gcc" | "gnu-cc" | "gnu-lld-cc") => return driver,
        Some("ld" | "ld.lld" | "gnu" | "gnu-lld") => return bare,
        Some(_) => return None,
        None => {}
    }
    // As rustc, conclude from the linker's name whether it is a compiler, which passes arguments on.
    let path = last(arguments, "linker").or(linker).unwrap_or("cc");
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let is_linker = matches!(name, "ld" | "lld" | "rust-lld") || name.starts_with("ld.") || name.ends_with("-ld");
    if is_linker { bare } else { driver }
}

/// The values of the options `-C` and `-Z`, which have no key in common, in their order.
fn settings(arguments: &[String]) -> Vec<&str> {
    let mut found = Vec::new();
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next().filter(|argument| *argument != "--") {
        let (option, value) = if let Some(long) = argument.strip_prefix("--") {
            long.split_once('=').map_or((long, None), |(option, value)| (option, Some(value)))
        } else {
            // Options without a value may precede one with a value: `-gCprefer-dynamic`.
            let short = argument.strip_prefix('-').unwrap_or_default().trim_start_matches(WITHOUT_VALUE_SHORT);
            let end = short.chars().next().map_or(0, char::len_utf8);
            (&short[..end], Some(&short[end..]).filter(|value| !value.is_empty()))
        };
        if option.is_empty() || WITHOUT_VALUE.contains(&option) {
            continue;
        }
        // The value is the next argument, even if that looks like an option.
        let Some(value) = value.or_else(|| arguments.next()) else { break };
        if matches!(option, "C" | "codegen" | "Z") {
            found.push(value);
        }
    }
    found
}

//! Hostile input: the command and the loader read every file within bounds, and describe each error.

#[path = "hostile/allocation.rs"]
mod allocation;
#[path = "hostile/container.rs"]
mod container;
#[path = "hostile/forge.rs"]
mod forge;
#[path = "hostile/records.rs"]
mod records;

use std::fmt::Write;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use expect_test::expect_file;
use fixture_api::Plugin;
use forge::Numbers;
use harness::{Build, codes, refused, repository, scratch};
use plugbox_loader::inspect::{
    self, HostProfile, Image, Linkage, Manifest, NoteBytes, ReadError, Requirements, Verdict, judge,
};
use plugbox_loader::{Code, Refusal};

/// Records, each with its kind.
type Records = Vec<(u32, String)>;

const LITTLE: Numbers = Numbers { wide: true, little: true };

/// The records of the fixture, with their kinds.
fn real_records() -> Records {
    let bytes = fs::read(Build::plugin().stripped().library()).unwrap();
    let starts = bytes.windows(8).enumerate().filter(|(_, window)| *window == b"plugbox\0").map(|(at, _)| at);
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let records = starts.filter(|at| *at >= 12 && word(at - 12) == 8).map(|at| {
        let (len, kind) = (word(at - 8) as usize, word(at - 4));
        (kind, String::from_utf8(bytes[at + 8..at + 8 + len].to_vec()).unwrap())
    });
    // The order depends on the linker.
    let mut records: Vec<_> = records.collect();
    records.sort_by_key(|(kind, text): &(u32, String)| (std::cmp::Reverse(*kind), text.len(), text.clone()));
    records
}

fn notes(numbers: Numbers) -> Vec<u8> {
    let records = real_records();
    forge::notes(&records.iter().map(|(kind, text)| (*kind, text.as_str())).collect::<Vec<_>>(), numbers)
}

/// A file of every format, with the fixture's records.
fn forged() -> Vec<(&'static str, Vec<u8>)> {
    let numbers = |wide, little| Numbers { wide, little };
    let thin = |cpu, wide, little| forge::mach_o(cpu, &notes(numbers(wide, little)), numbers(wide, little));
    vec![
        ("elf, x86_64, 64-bit, little-endian", forge::elf(62, &notes(numbers(true, true)), numbers(true, true))),
        ("elf, s390x, 64-bit, big-endian", forge::elf(22, &notes(numbers(true, false)), numbers(true, false))),
        ("elf, x86, 32-bit, little-endian", forge::elf(3, &notes(numbers(false, true)), numbers(false, true))),
        ("elf, powerpc, 32-bit, big-endian", forge::elf(20, &notes(numbers(false, false)), numbers(false, false))),
        ("pe, x86_64, 64-bit, little-endian", forge::pe(0x8664, &notes(LITTLE), true)),
        ("pe, x86, 32-bit, little-endian", forge::pe(0x14c, &notes(LITTLE), false)),
        ("mach-o, aarch64, 64-bit, little-endian", thin(0x0100_000c, true, true)),
        ("mach-o, x86, 32-bit, little-endian", thin(7, false, true)),
        ("mach-o, machine 18, 32-bit, big-endian", thin(18, false, false)),
    ]
}

/// Libraries that rustc and its linker made for different targets, with the records of the kept library. Each has a
/// description.
fn linked() -> Vec<(&'static str, PathBuf)> {
    let folder = repository().join("tests/hostile/linked");
    let files = [
        ("elf, x86_64, 64-bit, little-endian", "x86_64-unknown-linux-gnu.so"),
        ("elf, x86, 32-bit, little-endian", "i686-unknown-linux-gnu.so"),
        ("elf, powerpc, 32-bit, big-endian", "powerpc-unknown-linux-gnu.so"),
        ("elf, powerpc64, 64-bit, big-endian", "powerpc64-unknown-linux-gnu.so"),
        ("elf, s390x, 64-bit, big-endian", "s390x-unknown-linux-gnu.so"),
        ("pe, x86_64, 64-bit, little-endian", "x86_64-pc-windows-msvc.dll"),
        ("pe, x86, 32-bit, little-endian", "i686-pc-windows-msvc.dll"),
        ("mach-o, x86_64, 64-bit, little-endian", "x86_64-apple-darwin.dylib"),
        ("mach-o, aarch64, 64-bit, little-endian", "aarch64-apple-darwin.dylib"),
    ];
    files.map(|(container, file)| (container, folder.join(file))).into()
}

fn image(bytes: &[u8]) -> Image {
    inspect::image_of(&mut Cursor::new(bytes)).unwrap_or_else(|error| panic!("{error}"))
}

fn corpus(target: &str) -> Vec<PathBuf> {
    let folder = repository().join("fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_corpus_of_the_fuzzer_is_replayed() {
    for (target, check) in [("container", container::check as fn(&[u8])), ("records", records::check)] {
        let files = corpus(target);
        assert!(files.len() > 20, "{target}: {} files", files.len());
        files.iter().for_each(|file| check(&fs::read(file).unwrap()));
    }
}

/// Writes the initial inputs of the fuzzer.
#[test]
#[ignore = "writes into the corpus"]
fn seeds() {
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = repository().join("fuzz/corpus").join(target);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("seed-{}", name.replace([',', ' '], "-"))), bytes).unwrap();
    };
    let forged = forged();
    let fat = forge::fat(&[(7, forged[7].1.clone()), (0x0100_000c, forged[6].1.clone())]);
    for (name, bytes) in forged.iter().map(|(name, bytes)| (*name, bytes)).chain([("fat", &fat)]) {
        write("container", name, bytes);
    }
    for (container, path) in linked() {
        let bytes = fs::read(path).unwrap();
        write("container", &format!("linked-{container}"), &bytes[..bytes.len().min(9000)]);
    }
    let real = fs::read(Build::plugin().stripped().library()).unwrap();
    write("container", "real", &real[..12_000]);
    for (how, numbers) in [(0, LITTLE), (2, Numbers { wide: true, little: false })] {
        write("records", &format!("all-{how}"), &[&[how], &notes(numbers)[..]].concat());
    }
    for (index, (kind, text)) in real_records().iter().enumerate() {
        write("records", &format!("{index}"), &[&[0], &forge::notes(&[(*kind, text)], LITTLE)[..]].concat());
    }
}

#[test]
fn records_are_read_from_every_format() {
    let own = inspect::image(&Build::plugin().stripped().library()).unwrap().manifest.unwrap();
    for (container, bytes) in forged() {
        let image = image(&bytes);
        assert_eq!(image.container.to_string(), container);
        assert_eq!(image.whole, Ok(()), "{container}");
        assert!(image.shared && image.slices.is_empty(), "{container}");
        assert_eq!(image.manifest.as_ref(), Ok(&own), "{container}");
    }
}

#[test]
fn records_are_read_from_what_linkers_make_for_other_targets() {
    let own = image(&kept()).manifest.unwrap();
    for (container, path) in linked() {
        let image = inspect::image(&path).unwrap();
        assert_eq!((&*image.container.to_string(), image.shared, &image.whole), (container, true, &Ok(())));
        assert_eq!(image.manifest.as_ref(), Ok(&own), "{container}");
        let linkage = inspect::linkage(&path).unwrap();
        let (needed, run_path): (&[&str], &[&str]) = match linkage.format {
            "elf" => (&["libneeded.so.1"], &[]),
            "pe" => (&["needed.dll", "later.dll"], &[]),
            _ => (&["@rpath/libneeded.dylib", "/usr/lib/liblater.dylib"], &["@loader_path/../lib"]),
        };
        assert!(container.starts_with(linkage.format), "{container}");
        assert!(linkage.needed == needed && linkage.run_path == run_path, "{container}: {linkage:?}");
        // One of them is for the host's machine. The only reason against the others is their machine.
        let verdict = judge_kept(&fs::read(&path).unwrap());
        let codes: Vec<Code> = verdict.reasons().iter().map(|reason| reason.code).collect();
        let expected = if container.starts_with("elf, x86_64") { vec![] } else { vec![Code::OtherTarget] };
        assert_eq!(codes, expected, "{container}");
    }
    let slice = |cpu, file: usize| (cpu, fs::read(&linked()[file].1).unwrap());
    let fat = image(&forge::fat(&[slice(0x0100_000c, 8), slice(0x0100_0007, 7)]));
    assert_eq!((fat.slices, fat.manifest), (vec!["aarch64".to_owned(), "x86_64".to_owned()], Ok(own)));
}

/// What a library asks of the system's loader; `None` if that is truncated or invalid.
fn linkage(bytes: &[u8]) -> Option<Linkage> {
    match inspect::linkage_of(&mut Cursor::new(bytes)) {
        Ok(linkage) => Some(linkage),
        Err(ReadError::NotWhole(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_a_file_for_several_machines_needs_is_what_the_image_for_this_machine_needs() {
    let files = [8, 7].map(|file: usize| fs::read(&linked()[file].1).unwrap());
    let [arm, intel] = &files;
    // The name of the first library of the other one has a different first letter.
    let mut other = arm.clone();
    let at = other.windows(6).position(|name| name == b"@rpath").unwrap();
    other[at + 7] = b'L';
    let both = |first: (u64, &Vec<u8>), second: (u64, &Vec<u8>)| {
        linkage(&forge::fat(&[first, second].map(|(cpu, bytes)| (cpu, bytes.clone())))).unwrap().needed
    };
    let (intel, arm) = ((0x0100_0007, intel), (0x0100_000c, &other));
    let expected = if cfg!(target_arch = "aarch64") { "@rpath/Libneeded.dylib" } else { "@rpath/libneeded.dylib" };
    assert_eq!(both(intel, arm)[0], expected);
    assert_eq!(both(arm, intel)[0], expected);
    // Without an image for this machine it is the first one.
    assert_eq!(both((18, arm.1), (7, intel.1))[0], "@rpath/Libneeded.dylib");
}

#[test]
fn what_a_damaged_library_needs_is_not_whole_or_what_it_says() {
    for (container, path) in linked() {
        let bytes = fs::read(&path).unwrap();
        let whole = linkage(&bytes).unwrap();
        // Before its second header a PE file is a program of DOS, which asks for nothing.
        for len in 64..bytes.len() {
            let cut = linkage(&bytes[..len]);
            assert!(
                cut.is_none_or(|cut| cut == whole || cut.format.is_empty()),
                "{container}: {len} of {} bytes",
                bytes.len()
            );
        }
        let (mut refused, mut changed) = (0, bytes.clone());
        for at in 64..bytes.len() {
            for value in [0, 1, 0x80, 0xff] {
                changed[at] = value;
                let (read, peak) = allocation::peak(|| linkage(&changed));
                refused += usize::from(read.is_none());
                assert!(peak < 64 << 10, "{container}: {peak} bytes with {value} at {at}");
            }
            changed[at] = bytes[at];
        }
        assert!(refused > 20, "{container}: {refused}");
    }
}

/// A library of Windows' own linker, whose imports lie in the middle of a section of any size.
fn with_much_data(size: u32) -> Vec<u8> {
    let mut bytes = fs::read(&linked()[5].1).unwrap();
    let header = bytes.windows(8).position(|name| name == b".rdata\0\0").unwrap();
    let number = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let start = number(&bytes, header + 20) as usize;
    for at in [header + 8, header + 16] {
        bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
    }
    bytes.resize(start + size as usize, 0);
    bytes
}

#[test]
fn imports_in_a_large_section_are_read_without_the_section() {
    let expected = linkage(&with_much_data(4096)).unwrap();
    assert_eq!(expected.needed, ["needed.dll", "later.dll"]);
    let large = with_much_data(16 << 20);
    let (read, peak) = allocation::peak(|| linkage(&large));
    assert_eq!(read, Some(expected));
    assert!(peak < 64 << 10, "{peak} bytes");
}

#[test]
fn a_table_of_imports_without_an_end_is_not_whole() {
    let mut bytes = with_much_data(1 << 20);
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let header = bytes.windows(8).position(|name| name == b".rdata\0\0").unwrap();
    let (address, start) = (number(header + 12), number(header + 20) as usize);
    // The second of the directories, after the optional header's other fields.
    let directory = number(0x3c) as usize + 24 + 112 + 8;
    let table = start + (number(directory) - address) as usize;
    let mut entry = [0; 20];
    entry.copy_from_slice(&bytes[table..table + 20]);
    let far = start + (1 << 19);
    bytes[directory..directory + 4].copy_from_slice(&(address + (1 << 19)).to_le_bytes());
    let mut with = |entries: usize| {
        (0..entries).for_each(|number| bytes[far + number * 20..][..20].copy_from_slice(&entry));
        allocation::total(|| linkage(&bytes))
    };
    assert_eq!(with(500).0.map(|linkage| linkage.needed.len()), Some(501));
    for entries in [1025, 20_000] {
        let (read, total) = with(entries);
        assert_eq!(read, None, "{entries}");
        assert!(total < 256 << 10, "{total} bytes for {entries}");
    }
}

#[test]
fn machines_are_named_as_rust_names_them() {
    let elf = |machine, wide| forge::elf(machine, &[], Numbers { wide, little: true });
    let mach_o = |cpu| forge::mach_o(cpu, &[], LITTLE);
    for (bytes, name) in [
        (elf(40, false), "arm"),
        (elf(183, true), "aarch64"),
        (elf(243, true), "riscv64"),
        (elf(243, false), "riscv32"),
        (elf(21, true), "powerpc64"),
        (elf(258, true), "loongarch64"),
        (elf(8, true), "mips64"),
        (elf(8, false), "mips"),
        (forge::pe(0xaa64, &[], true), "aarch64"),
        (forge::pe(0x1c4, &[], false), "arm"),
        (forge::pe(0x200, &[], true), "machine 512"),
        (mach_o(0x0100_0007), "x86_64"),
        (mach_o(12), "arm"),
    ] {
        let image = image(&bytes);
        assert_eq!(image.container.machine, name);
        assert!(image.manifest.unwrap().is_empty(), "{name}");
    }
}

#[test]
fn what_is_no_library_is_told_what_it_is() {
    let told = |bytes: &[u8]| match inspect::image_of(&mut Cursor::new(bytes)) {
        Ok(image) => format!("{:?}, shared: {}", image.whole, image.shared),
        Err(error) => error.to_string(),
    };
    let library = forge::mach_o(12, &notes(LITTLE), LITTLE);
    let mut other = library.clone();
    other[12] = 2;
    assert_eq!(told(&other), "Ok(()), shared: false");
    other[12] = 1;
    assert_eq!(told(&other), "the Mach-O file is neither a library nor an executable");
    let mut fat = forge::fat(&[(12, library.clone())]);
    assert_eq!(told(&fat), "Ok(()), shared: true");
    let cut = fat.len() - 1;
    let outside = format!("the image for one of the machines extends beyond the end of the file ({cut} bytes)");
    assert_eq!(told(&fat[..cut]), outside);
    fat[28..32].copy_from_slice(b"\x7fELF");
    assert!(
        told(&fat).starts_with("the headers are truncated or invalid: ")
            || told(&fat).starts_with("the Mach-O file contains a file of kind"),
        "{}",
        told(&fat)
    );
    // The first bytes of a Java 17 class are those of a Mach-O file for 61 machines.
    let class = [&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61][..], &[1; 2000]].concat();
    assert_eq!(told(&class), "the Mach-O file is for 61 machines (is it a Java class?)");
    let object = [&[0x64, 0x86][..], &[0; 80]].concat();
    assert_eq!(told(&object), "the file is of kind Coff, not a library");
    let folder = inspect::image(&scratch("folder")).unwrap_err();
    assert_eq!(folder.to_string(), "the path is a directory");
    let missing = inspect::image(Path::new("/nowhere/libone.so")).unwrap_err();
    assert_eq!(missing.to_string(), "the file cannot be read");
    assert!(std::error::Error::source(&missing).is_some() && std::error::Error::source(&folder).is_none());
    // More bytes in one section than a manifest may have.
    let large = image(&forge::pe(0x8664, &vec![0; (1 << 20) + 4], true)).manifest.unwrap_err().to_string();
    assert_eq!(large, "the notes exceed the maximum size of a manifest (1 MiB)");
}

#[test]
fn a_file_for_several_machines_is_read_as_the_one_for_this_machine() {
    let forged = forged();
    let (x86, arm) = ((7, forged[7].1.clone()), (0x0100_000c, forged[6].1.clone()));
    let x64 = (0x0100_0007, forge::mach_o(0x0100_0007, &notes(LITTLE), LITTLE));
    let fat = image(&forge::fat(&[x86.clone(), arm.clone(), x64]));
    assert_eq!(fat.slices, ["x86", "aarch64", "x86_64"]);
    assert_eq!(fat.container.machine, std::env::consts::ARCH);
    assert!(fat.manifest.is_ok_and(|manifest| manifest.plugins.len() == 1));
    assert_eq!(image(&forge::fat(&[x86, arm])).container.machine, "x86");
    let empty = [forge::fat(&[]), vec![0; 100]].concat();
    let empty = inspect::image_of(&mut Cursor::new(empty)).unwrap_err().to_string();
    assert_eq!(empty, "the Mach-O file contains no image");
}

#[test]
fn every_beginning_of_a_library_is_not_whole_or_no_library() {
    for (container, bytes) in forged() {
        for len in 0..bytes.len() {
            match inspect::image_of(&mut Cursor::new(&bytes[..len])) {
                Err(_) => {}
                Ok(image) => assert!(image.whole.is_err(), "{container}: {len} of {} bytes", bytes.len()),
            }
        }
    }
    // Real libraries, up to the end of their mapped bytes.
    for (_, path) in linked() {
        let bytes = fs::read(&path).unwrap();
        let mapped = match path.extension().unwrap().to_str() {
            Some("so") => mapped_bytes(&path),
            // Padding follows the last section.
            Some("dll") => {
                let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
                let headers = number(0x3c);
                let table = headers + 24 + (number(headers + 20) & 0xffff);
                let sections = (0..number(headers + 4) >> 16).map(|section| table + 40 * section);
                sections
                    .map(|section| number(section + 8).min(number(section + 16)) + number(section + 20))
                    .max()
                    .unwrap()
            }
            _ => bytes.len(),
        };
        assert!(!is_cut(&bytes[..mapped]), "{}: the mapped bytes alone must be enough", path.display());
        std::thread::scope(|scope| {
            for first in 0..2 {
                let (bytes, path) = (&bytes, &path);
                scope.spawn(move || {
                    for len in (first..mapped).step_by(2) {
                        assert!(is_cut(&bytes[..len]), "{}: {len} of {mapped} bytes", path.display());
                    }
                });
            }
        });
    }
}

/// Whether the verdict reports a missing part.
fn is_cut(bytes: &[u8]) -> bool {
    let verdict = judge_kept(bytes);
    verdict.reasons().iter().any(|reason| matches!(reason.code, Code::NotALibrary | Code::NotWhole))
}

/// The end of the last segment in the file, from readelf.
fn mapped_bytes(path: &Path) -> usize {
    let output = std::process::Command::new("readelf").args(["-l", "-W"]).arg(path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let loads = text.lines().filter(|line| line.trim_start().starts_with("LOAD"));
    let number = |word: &str| usize::from_str_radix(word.trim_start_matches("0x"), 16).unwrap();
    let ends = loads.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        number(words[1]) + number(words[4])
    });
    ends.max().unwrap()
}

/// A library, and a change of one of its fields.
struct Corruption {
    name: String,
    bytes: Vec<u8>,
}

/// A small library that a compiler and a linker made, kept as bytes. Its messages are the same on every machine.
fn kept() -> Vec<u8> {
    fs::read(repository().join("tests/contract/contract-1.so")).unwrap()
}

/// A real library with one field corrupted, for each field that a reader uses: zero, too large, or different.
fn corruptions() -> Vec<Corruption> {
    let whole = kept();
    let at = |text: &str| whole.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    let number = |at: usize| u64::from_le_bytes(whole[at..at + 8].try_into().unwrap()) as usize;
    let mut corruptions = Vec::new();
    let mut set = |name: &str, at: usize, bytes: &[u8]| {
        let mut corrupted = whole.clone();
        corrupted[at..at + bytes.len()].copy_from_slice(bytes);
        assert_ne!(corrupted, whole, "{name}");
        corruptions.push(Corruption { name: name.to_owned(), bytes: corrupted });
    };
    const HUGE: [u8; 8] = [0xff; 8];
    // The header: elf(5).
    set("the magic number", 0, b"MELF");
    set("a class that there is not", 4, &[3]);
    set("32 bits", 4, &[1]);
    set("a byte order that there is not", 5, &[3]);
    set("big-endian", 5, &[2]);
    set("an executable at a fixed address", 16, &[2, 0]);
    set("a core dump", 16, &[4, 0]);
    set("another machine", 18, &[0xb7, 0]);
    set("a machine that nobody knows", 18, &[0xfe, 0xfe]);
    set("program headers in the header", 32, &[0; 8]);
    set("program headers behind the end", 32, &HUGE);
    set("program headers of another size", 54, &[9, 0]);
    set("no program headers", 56, &[0, 0]);
    set("too many program headers", 56, &[0xff, 0xfe]);
    // The program headers: elf(5).
    let header = |kind| (64..).step_by(56).take(usize::from(whole[56])).find(|at| whole[*at] == kind).unwrap();
    let [load, dynamic, note] = [1, 2, 4].map(header);
    set("a segment behind the end", load + 8, &HUGE);
    set("a segment that is larger than the file", load + 32, &[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]);
    set("no segment of notes", note, &[6]);
    set("notes behind the end", note + 8, &HUGE);
    set("notes larger than the file", note + 32, &[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]);
    set("no notes", note + 32, &[0; 8]);
    set("notes that are aligned to 8", note + 48, &[8]);
    // The data that the system's loader uses, and the first note.
    set("nothing that is linked", dynamic, &[6]);
    set("what is linked lies behind the end", dynamic + 8, &HUGE);
    let first = number(note + 8);
    set("a note without a name", first, &[0; 4]);
    set("a note's name behind the end", first, &[0xff; 4]);
    set("a note's text behind the end", first + 4, &[0xff; 4]);
    set("a note's text that is cut", first + 4, &[20, 0, 0, 0]);
    set("a note of another owner", first + 12, b"plugbux");
    set("a kind of record that nobody knows", first + 8, &[0x7f, 0x7f]);
    set("a contract that is no number", at("contract 1\n") + 9, b"x");
    set("another contract", at("contract 1\n") + 9, b"9");
    // Lines.
    for (line, name) in [
        ("\nplugbox 0", "a build record without `plugbox`"),
        ("\nrustc ", "a build record without `rustc`"),
        ("\nrelease ", "a build record without `release`"),
        ("\ncommit ", "a build record without `commit`"),
        ("\ntarget ", "a build record without `target`"),
        ("\nlibc ", "a build record without `libc`"),
        ("\nname ", "a plugin record without `name`"),
        ("\nentry ", "a plugin record without `entry`"),
        ("\ninterface ", "a plugin record without `interface`"),
        ("\nfingerprint ", "an interface record without `fingerprint`"),
        ("\ntrait ", "an interface record without `trait`"),
        ("\ndate ", "a build record without `date`"),
        ("\nllvm ", "a build record without `llvm`"),
        ("\nbuilder ", "a build record without `builder`"),
    ] {
        set(name, at(line) + 1, b"x");
    }
    set("a line that is there twice", at("\ndate ") + 1, b"llvm");
    set("text that is not UTF-8", at("\nname ") + 6, &[0xff]);
    set("a plugin's version that is none", at("\nversion ") + 9, b"x");
    set("an interface's version that is none", at("contract 1\nversion ") + 19, b"x");
    set("another version of the plugin's interface", at("Kept 1.0.0") + 5, b"2");
    set("another interface of the plugin", at("Kept 1.0.0"), b"Lent");
    set("another fingerprint of the plugin's interface", at("Kept 1.0.0") + 11, b"00000000");
    set("a fingerprint that is no number", at("\nfingerprint ") + 13, b"x");
    set("another fingerprint", at("\nfingerprint ") + 13, b"00000000");
    set("a method of another name", at("method fn split"), b"method fn slice");
    set("a type that is reached is another", at("\nreaches ") + 9, b"00000000");
    set("a type of another name", at("contract 1\ntrait contract_api::Other") + 31, b"Ocher");
    set("another compiler", at("\nrelease 1.95.0") + 9, b"1.59.0");
    set("another commit", at("\ncommit ") + 8, b"00000000");
    set("another target", at("\ntarget x86_64") + 8, b"armv7a");
    set("another panic strategy of the plugin", at("\npanic ") + 7, b"abort ");
    let entry = "\nentry plugbox_entry_0\n";
    set("another entry", at(entry) + entry.len() - 2, b"1");
    corruptions
}

#[test]
fn every_field_that_is_corrupted_is_refused_in_words_or_decides_nothing() {
    let mut all = String::new();
    for Corruption { name, bytes } in corruptions() {
        let path = PathBuf::from("plugins/libcorrupted.so");
        let said = match judge_kept(&bytes) {
            // Mapping checks the table of entries, and records of types are used only in messages.
            Verdict::Fits => "fits".to_owned(),
            Verdict::Refused(reasons) => Refusal::new(path, reasons).to_string(),
        };
        writeln!(all, "# {name}\n{said}\n").unwrap();
    }
    expect_file!["hostile/corruptions.txt"].assert_eq(&all);
}

/// The verdict on these bytes. The host was built with the kept library, so the verdict does not depend on the machine.
fn judge_kept(bytes: &[u8]) -> Verdict {
    static HOST: LazyLock<HostProfile> = LazyLock::new(|| HostProfile::of_image(image(&kept())).unwrap());
    let requirements = Requirements::for_interfaces(["contract_api::Kept"]);
    judge(&HOST, inspect::image_of(&mut Cursor::new(bytes)).as_ref(), &requirements)
}

#[test]
fn records_that_contradict_each_other_are_refused() {
    let records = real_records();
    let with = |change: &dyn Fn(&mut Records)| {
        let mut records = records.clone();
        change(&mut records);
        let records: Vec<(u32, &str)> = records.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        image(&forge::elf(62, &forge::notes(&records, LITTLE), LITTLE)).manifest.map_err(|error| error.to_string())
    };
    let own = with(&|_| ()).unwrap();
    // Linkers may repeat records.
    assert_eq!(with(&|records| records.extend(records.clone())).as_ref(), Ok(&own));
    let plugin = |records: &Records| records.iter().find(|(kind, _)| *kind == 0x104).unwrap().clone();
    let other_name = |records: &mut Records| {
        let (kind, text) = plugin(records);
        records.push((kind, text.replace("name fixture-plugin", "name another")));
    };
    let one_entry = "the plugins `fixture-plugin` and `another` share the entry symbol `plugbox_entry_0`";
    assert!(with(&other_name).is_err_and(|error| error == one_entry || error.contains("share the entry symbol")));
    let two_names = |records: &mut Records| {
        records.iter_mut().for_each(|(_, text)| *text = text.replace("\nentry ", "\nname another\nentry "));
    };
    assert_eq!(with(&two_names), Err("a plugin record has the line `name` twice".to_owned()));
    let many = |records: &mut Records| {
        let (kind, text) = records.iter().find(|(kind, _)| *kind == 0x101).unwrap().clone();
        records.extend((0..9).map(|number| (kind, text.replace("date ", &format!("date {number}")))));
    };
    assert_eq!(with(&many), Err("the file has more than 8 build records".to_owned()));
    let plugins = |most: usize| {
        with(&|records| {
            let (kind, text) = plugin(records);
            records.extend((1..most).map(|number| (kind, text.replace("plugbox_entry_0", &format!("entry_{number}")))));
        })
    };
    assert_eq!(plugins(128).unwrap().plugins.len(), 128);
    assert_eq!(plugins(129), Err("the file has more than 128 plugins".to_owned()));
    // In any record.
    for long in 0x101..=0x104 {
        let lines = with(&|records| {
            let (_, text) = records.iter_mut().find(|(kind, _)| *kind == long).unwrap();
            text.push_str(&"x\n".repeat(1 << 15));
        });
        assert_eq!(
            lines.map(drop),
            Err("the records have more than 32768 lines and list items".to_owned()),
            "{long:#x}"
        );
    }
    // In any list.
    for (long, key, between) in
        [(0x101, "features", ","), (0x101, "flags", ","), (0x104, "authors", ":"), (0x104, "features", ",")]
    {
        let items = with(&|records| {
            let (_, text) = records.iter_mut().find(|(kind, _)| *kind == long).unwrap();
            let others = text.split_inclusive('\n').filter(|line| !line.starts_with(key)).collect::<String>();
            *text = format!("{others}{key} {}\n", format!("x{between}").repeat(1 << 15));
        });
        let many = "the records have more than 32768 lines and list items".to_owned();
        assert_eq!(items.map(drop), Err(many), "{key} of {long:#x}");
    }
    let large = |records: &mut Records| {
        let (kind, text) = plugin(records);
        let description = format!("description {}", "x".repeat(1 << 20));
        records.push((kind, text.replace("description ", &description)));
    };
    assert_eq!(with(&large), Err("the notes exceed the maximum size of a manifest (1 MiB)".to_owned()));
}

#[test]
fn a_file_of_debug_information_is_no_library_and_one_without_sections_is() {
    let library = Build::plugin().lines().library();
    let folder = scratch("debug");
    let debug = folder.join("libdebug.so");
    let mut objcopy = std::process::Command::new("objcopy");
    assert!(objcopy.arg("--only-keep-debug").arg(&library).arg(&debug).status().unwrap().success());
    let error = refused(&debug);
    assert_eq!(codes(&error), [Code::NotALibrary], "{error}");
    // No section table at all: program headers are enough.
    let mut bytes = fs::read(&library).unwrap();
    bytes[40..48].fill(0);
    bytes[60..64].fill(0);
    let bare = folder.join("libbare.so");
    fs::write(&bare, bytes).unwrap();
    assert_eq!(harness::load(&bare).unwrap().split("a b"), ["a", "b"]);
}

#[test]
fn whatever_lies_in_usr_lib_is_read_within_bounds() {
    let mut folders = vec![PathBuf::from("/usr/lib")];
    let (mut files, mut images, mut most) = (0, 0, (0, PathBuf::new()));
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                files += 1;
                let (read, allocated) = allocation::peak(|| {
                    let image = inspect::image(&path);
                    let _ = inspect::linkage(&path);
                    image.is_ok()
                });
                images += u32::from(read);
                if allocated > most.0 {
                    most = (allocated, path);
                }
            }
        }
    }
    println!("{files} files, {images} images, at most {} bytes for {}", most.0, most.1.display());
    assert!(images > 0, "there is no library in /usr/lib");
    assert!(most.0 < 64 << 10, "{} bytes for {}", most.0, most.1.display());
}

#[test]
fn a_library_is_read_and_judged_with_less_than_64_kib() {
    let host = HostProfile::of_this_process::<dyn Plugin>().unwrap();
    let requirements = Requirements::for_interfaces(["fixture_api::Plugin"]);
    let mut libraries = vec![
        Build::plugin().library(),
        Build::plugin().stripped().library(),
        Build::plugin().feature("drift-field").library(),
        Build::new("fixture-twins").library(),
        Build::new("fixture-foreign").library(),
    ];
    // The size of the file does not matter.
    let large = scratch("large").join("liblarge.so");
    fs::copy(&libraries[1], &large).unwrap();
    fs::File::options().write(true).open(&large).unwrap().set_len(4 << 30).unwrap();
    libraries.push(large);
    for library in libraries {
        let (_, peak) =
            allocation::peak(|| judge(&host, inspect::image(&library).as_ref(), &requirements).reasons().len());
        println!("{peak} bytes for {}", library.display());
        assert!(peak < 64 << 10, "{peak} bytes for {}", library.display());
    }
    // Neither the format nor the place of the notes matters.
    let mut files: Vec<(String, Vec<u8>)> =
        forged().into_iter().map(|(container, bytes)| (container.to_owned(), bytes)).collect();
    files.push(("fat".to_owned(), forge::fat(&[(7, files[7].1.clone()), (0x0100_000c, files[6].1.clone())])));
    let mut far = forge::elf(62, &notes(LITTLE), LITTLE);
    far.resize(5 << 20, 0);
    far[64 + 56 + 8..][..8].copy_from_slice(&(5_u64 << 20).to_le_bytes());
    far.extend(notes(LITTLE));
    assert_eq!(image(&far).manifest.unwrap().plugins.len(), 1);
    files.push(("notes at the end".to_owned(), far));
    // Corrupted fields do not make the reader use more memory.
    files.extend(corruptions().into_iter().map(|Corruption { name, bytes }| (name, bytes)));
    for (name, bytes) in files {
        let (_, peak) = allocation::peak(|| inspect::image_of(&mut Cursor::new(&bytes)).is_ok());
        assert!(peak < 64 << 10, "{peak} bytes for {name}");
    }
}

/// A small library with foreign notes before and after its records. The foreign notes have names and texts of this
/// length.
fn among_others(len: usize, zeros: usize) -> Vec<u8> {
    let mut other = Vec::new();
    let name = vec![b'x'; len + 1];
    for number in [name.len() as u32, len as u32, 7] {
        other.extend(number.to_le_bytes());
    }
    for part in [&name, &vec![1; len]] {
        other.extend(part);
        other.resize(other.len().next_multiple_of(4), 0);
    }
    let zeros = vec![0; zeros];
    forge::elf(62, &[&other[..], &zeros, &notes(LITTLE), &zeros, &other].concat(), LITTLE)
}

/// A small library with records padded to 8 bytes, as stated in its program header.
fn aligned_to_eight() -> Vec<u8> {
    let records = real_records();
    let records: Vec<(u32, &str)> = records.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
    let mut file = forge::elf(62, &forge::aligned_notes(&records, LITTLE, 8), LITTLE);
    file[64 + 56 + 48] = 8;
    file
}

#[test]
fn notes_of_others_before_and_after_ours_change_nothing() {
    let own = image(&forged()[0].1).manifest.unwrap();
    for len in 0..13 {
        assert_eq!(image(&among_others(len, 4 * len)).manifest, Ok(own.clone()), "{len}");
    }
    assert_eq!(image(&aligned_to_eight()).manifest, Ok(own));
}

/// The records of a file, as readelf finds them.
fn as_readelf_says(path: &Path) -> Manifest {
    let output = std::process::Command::new("readelf").args(["-n", "-W"]).arg(path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let records = text.lines().filter(|line| line.starts_with("  plugbox ")).map(|line| {
        let (head, bytes) = line.split_once("description data: ").unwrap();
        let bytes = bytes.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
        let kind = match head.split_once("(0x") {
            Some((_, kind)) => u32::from_str_radix(&kind[..8], 16).unwrap(),
            // readelf has a name for this number.
            None => 0x101,
        };
        (kind, String::from_utf8(bytes).unwrap())
    });
    let records: Vec<(u32, String)> = records.collect();
    let records: Vec<(u32, &str)> = records.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
    Manifest::read([NoteBytes::new(&forge::notes(&records, LITTLE), 4, true)]).unwrap()
}

#[test]
fn what_readelf_says_of_libraries_is_what_is_read() {
    let mut libraries = vec![
        Build::plugin().library(),
        Build::plugin().stripped().library(),
        Build::new("fixture-twins").library(),
        Build::new("crossing").library(),
        Build::new("fixture-foreign").library(),
        repository().join("tests/contract/contract-1.so"),
        std::env::current_exe().unwrap(),
    ];
    libraries.extend(linked().into_iter().filter(|(container, _)| container.starts_with("elf")).map(|(_, path)| path));
    // Changed files that are still valid.
    let folder = scratch("readelf");
    let elf = forged().into_iter().filter(|(container, _)| container.starts_with("elf")).map(|(_, bytes)| bytes);
    let changed = elf.chain((0..13).map(|len| among_others(len, 0))).chain([aligned_to_eight()]);
    libraries.extend(changed.enumerate().map(|(number, bytes)| {
        let path = folder.join(format!("lib{number}.so"));
        fs::write(&path, bytes).unwrap();
        path
    }));
    for library in libraries {
        let read = inspect::image(&library).unwrap().manifest.unwrap();
        assert_eq!(as_readelf_says(&library), read, "{}", library.display());
        assert!(!read.is_empty() || library.ends_with("libfixture_foreign.so"), "{}", library.display());
    }
}

/// The line of a record with this key.
fn line<'a>(text: &'a str, key: &str) -> &'a str {
    let start = text.find(&format!("\n{key} ")).unwrap() + 1;
    text[start..].split_once('\n').unwrap().0
}

/// Repeats `piece` as long as there is room.
fn fill(room: usize, piece: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for piece in (0..).map(piece) {
        if text.len() + piece.len() > room {
            break;
        }
        text.push_str(&piece);
    }
    text
}

/// Records of the maximum size, with the contents that cost most for each byte.
fn swollen() -> Vec<(&'static str, Records)> {
    const MOST: usize = (1 << 20) - 4096;
    let real = real_records();
    let of_kind = |kind: u32| real.iter().filter(move |(found, _)| *found == kind).map(|(_, text)| text.as_str());
    let build = of_kind(0x101).next().unwrap();
    let plugin = of_kind(0x104).next().unwrap();
    let interface = of_kind(0x102).find(|text| line(text, "trait") == "trait fixture_api::Plugin").unwrap();
    let shape = of_kind(0x103).find(|text| interface.contains(&id(text).to_string())).unwrap();

    // An interface with the name of the host's interface, and its fingerprint.
    let drifted = |lines: &str| {
        let canonical = format!("trait fixture_api::Plugin\n{lines}");
        let print = plugbox::__private::hash(canonical.as_bytes()).to_string();
        (print.clone(), format!("contract 1\n{}\nfingerprint {print}\n{canonical}", line(interface, "version")))
    };
    let plugin_of = |fingerprint: &str, number: usize| {
        let exported = line(plugin, "interface").rsplit_once(' ').unwrap().1;
        plugin
            .replace(exported, fingerprint)
            .replace("plugbox_entry_0", &format!("entry{number}"))
            .replace("name fixture-plugin", &format!("name {number}"))
    };
    let plugins_of = |lines: &str| {
        let (print, interface) = drifted(lines);
        let plugins = (0..128).map(|number| (0x104, plugin_of(&print, number)));
        [(0x101, build.to_owned()), (0x102, interface)].into_iter().chain(plugins).collect::<Records>()
    };
    // Each plugin has a different version of the interface, and all versions reach the same type.
    let long_type = format!("{shape}{}", fill(MOST / 2, |number| format!("field a{number:x}: u8 @{number:010}\n")));
    let mut versions = vec![(0x101, build.to_owned()), (0x103, long_type.clone())];
    for number in 0..128 {
        let (print, interface) = drifted(&format!("method fn a{number}\nreaches {}\n", id(&long_type)));
        versions.extend([(0x102, interface), (0x104, plugin_of(&print, number))]);
    }

    let name = format!("contract 1\nstruct {}\n", "x".repeat(MOST / 2));
    let reaches =
        |number: usize| drifted(&format!("method fn a{number}\n{}", format!("reaches {}\n", id(&name)).repeat(5))).1;
    let mut long_name: Records = (0..1200).map(|number| (0x102, reaches(number))).collect();
    long_name.extend([(0x101, build.to_owned()), (0x103, name.clone()), (0x104, plugin_of(&id(&name).to_string(), 0))]);

    let (print, reaching) = drifted("method fn a()\n");
    let below: String = (0..1024).map(|number| format!("below a{number}::{} 1.0.0\n", "x".repeat(400))).collect();
    let reaching = reaching.replace("contract 1\n", &format!("contract 1\n{below}"));
    let mut many_below = vec![(0x101, build.to_owned()), (0x102, reaching)];
    many_below.extend((0..128).map(|number| (0x104, plugin_of(&print, number))));

    let features = format!("\nfeatures {}", "a,".repeat(30_000));
    let many_features = build.replace(&format!("\n{}", line(build, "features")), &features);
    let interfaces = fill(MOST, |number| format!("interface fixture_api::Plugin 1.2.{number} {number:032x}\n"));
    vec![
        ("empty lines", vec![(0x103, format!("contract 1\nstruct A\n{}", "\n".repeat(MOST)))]),
        ("lines within the bound", vec![(0x103, format!("contract 1\nstruct A\n{}", "\n".repeat(30_000)))]),
        ("keys", vec![(0x101, format!("contract 1\n{}", fill(380_000, |number| format!("{number:x}\n"))))]),
        (
            "features",
            vec![(0x101, build.replace(&format!("\n{}", line(build, "features")), &features.replace("a,", "a,a,")))],
        ),
        ("features within the bound", vec![(0x101, many_features)]),
        (
            "interfaces",
            vec![(0x101, build.to_owned()), (0x104, plugin.replace(line(plugin, "interface"), interfaces.trim_end()))],
        ),
        ("types", (0..MOST / 40).map(|number| (0x103, format!("contract 1\na {number:x}"))).collect()),
        ("plugins", (0..2000).map(|number| (0x104, plugin_of(&id(shape).to_string(), number))).collect()),
        ("plugins of an interface with a long method", plugins_of(&format!("method fn a({})\n", "x".repeat(MOST / 2)))),
        (
            "plugins of an interface with many methods",
            plugins_of(&fill(MOST / 2, |number| format!("method fn a{number:08}()\n"))),
        ),
        (
            "plugins of an interface with many supertraits",
            plugins_of(&fill(MOST / 2, |number| format!("super a{number:012}\n"))),
        ),
        ("plugins of an interface with many others below it", many_below),
        ("interfaces that reach a type with a long name", long_name),
        ("plugins of versions of an interface with a long type", versions),
    ]
}

/// The hash by which interfaces refer to a type.
fn id(shape: &str) -> plugbox::Fingerprint {
    plugbox::__private::hash(shape.strip_prefix("contract 1\n").unwrap().as_bytes())
}

#[test]
fn records_as_large_as_they_may_be_cost_no_more_than_they_may() {
    let host = HostProfile::of_this_process::<dyn Plugin>().unwrap();
    let requirements = Requirements::for_interfaces(["fixture_api::Plugin"]);
    for (name, records) in swollen() {
        let records: Vec<(u32, &str)> = records.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        let file = forge::elf(62, &forge::notes(&records, LITTLE), LITTLE);
        let (((reasons, read), peak), total) = allocation::total(|| {
            allocation::peak(|| {
                let image = inspect::image_of(&mut Cursor::new(&file)).unwrap();
                let verdict = judge(&host, Ok(&image), &requirements);
                assert!(!matches!(verdict, Verdict::Fits), "{name}");
                (verdict.reasons().len(), image.manifest.map(|_| ()))
            })
        });
        println!("{name}, {} KiB: at most {peak} bytes, {total} in all, {reasons} reasons, {read:?}", file.len() >> 10);
        assert!(peak < 16 << 20, "{name}: {peak} bytes at once");
        assert!(total < 32 << 20, "{name}: {total} bytes in all");
        // `plugbox inspect` also stays within bounds. The limit of its address space covers the program and everything
        // that it maps.
        let path = scratch("swollen").join("libswollen.so");
        fs::write(&path, file).unwrap();
        let mut inspect = std::process::Command::new("sh");
        inspect.args(["-c", "ulimit -v 65536 && exec \"$@\"", "sh", env!("CARGO_BIN_EXE_plugbox"), "inspect"]);
        let output = inspect.arg(&path).output().unwrap();
        assert!(matches!(output.status.code(), Some(0..=2)), "{name}: {output:?}");
    }
}

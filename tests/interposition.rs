//! Names that a plugin exports, and that the host's program exports too: the system's loader would bind a plugin's own
//! references to the host's functions and data.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use harness::{Build, Child, scratch, target_dir};

/// Compiles C. The path of the output never changes, because it becomes part of a build's flags.
fn compiled(source: &str, output: &str, arguments: &[&str]) -> PathBuf {
    let (unique, folder) = (scratch("compiled"), target_dir().join("scratch/interposition"));
    fs::create_dir_all(&folder).unwrap();
    let (file, built) = (unique.join("c.c"), unique.join("built"));
    fs::write(&file, source).unwrap();
    let mut cc = harness::c_compiler();
    assert!(cc.args(["-fPIC", "-o"]).arg(&built).arg(&file).args(arguments).status().unwrap().success());
    let output = folder.join(output);
    // A different test may be linking with the previous file.
    fs::rename(built, &output).unwrap();
    output
}

/// Two plugins that export the same names and contain the same C library. They may be linked by a compiler that ignores
/// plugbox's argument for the linker.
fn plugins(with_our_argument: bool) -> [PathBuf; 2] {
    let library = "#include <stddef.h>\nstatic size_t state;\nsize_t c_next(void) { return ++state; }\n";
    let object = compiled(library, "library.o", &["-c"]);
    [Build::new("exports"), Build::new("exports").feature("second")].map(|build| {
        let build = build.last_crate_flag(&format!("-Clink-arg={}", object.display()));
        if with_our_argument {
            return build.library();
        }
        build.last_crate_flag(&format!("-Clinker={}", deaf_linker().display())).library()
    })
}

/// A compiler that links without the argument that plugbox passes.
fn deaf_linker() -> PathBuf {
    let folder = target_dir().join("scratch/interposition/deaf");
    fs::create_dir_all(&folder).unwrap();
    let script = "#!/bin/bash\nargs=()\nfor arg in \"$@\"; do [ \"$arg\" = -Wl,-Bsymbolic ] || args+=(\"$arg\"); done\n\
                  exec cc \"${args[@]}\"\n";
    let (partial, cc) = (scratch("deaf").join("cc"), folder.join("cc"));
    fs::write(&partial, script).unwrap();
    fs::set_permissions(&partial, Permissions::from_mode(0o755)).unwrap();
    fs::rename(partial, &cc).unwrap();
    cc
}

/// A host whose program exports the same names.
fn exporting_host() -> PathBuf {
    Build::new("fixture-plain-hosts").last_crate_flag("-Clink-arg=-rdynamic").program("exporting-host")
}

fn run(host: &Path, plugins: &[PathBuf], preloaded: Option<&Path>) -> String {
    let mut host = harness::command(host);
    host.args(plugins).envs(preloaded.map(|library| ("LD_PRELOAD", library)));
    let child = Child::new(&host.output().unwrap());
    child.must_succeed();
    child.stdout
}

/// Each plugin uses its own names, and its own state of the C library.
const OWN: &str = "function: 7 8\ndirect: 7 8\ndata: 7 8\nC: 1 1\nC: 2 2\n";

#[test]
fn a_plugin_uses_its_own_functions_and_data_whatever_the_host_exports() {
    assert_eq!(run(&exporting_host(), &plugins(true), None), OWN);
}

/// The control: without plugbox's argument for the linker, the host's functions take the place of the plugin's. (The
/// functions of a C library are not exported by rustc, so that nothing takes their place.)
#[test]
fn without_the_linkers_help_the_host_would_replace_them() {
    let plugins = plugins(false);
    let replaced = "function: 999 999\ndirect: 999 999\ndata: 999 999\nC: 1 1\nC: 2 2\n";
    assert_eq!(run(&exporting_host(), &plugins, None), replaced);
}

#[test]
fn a_preloaded_library_does_not_replace_them_either() {
    let source = "long exported_function(void) { return 999; }\nlong EXPORTED_DATA = 999;\n";
    let preloaded = compiled(source, "preloaded.so", &["-shared"]);
    let host = Build::new("fixture-plain-hosts").program("exporting-host");
    assert_eq!(run(&host, &plugins(true), Some(&preloaded)), OWN);
    let replaced = run(&host, &plugins(false), Some(&preloaded));
    assert!(replaced.starts_with("function: 999 999\n"), "the library proves nothing: {replaced}");
}

/// What a plugin does not define is still found in the program first, so preloaded allocators and tools see its calls.
#[test]
fn a_preloaded_allocator_serves_the_c_code_of_a_plugin() {
    let source = "#include <stddef.h>\n#include <stdlib.h>\n\
                  size_t c_next(void) { void *seven = malloc(77777); size_t it = *(size_t *)seven; free(seven); return it; }\n";
    let object = compiled(source, "allocates.o", &["-c", "-O0"]);
    let plugin = Build::new("exports").last_crate_flag(&format!("-Clink-arg={}", object.display())).library();
    let source = "#include <stddef.h>\nvoid *__libc_malloc(size_t);\n\
                  void *malloc(size_t size) { size_t *it = __libc_malloc(size); if (size == 77777) *it = 4711; return it; }\n";
    let preloaded = compiled(source, "allocator.so", &["-shared"]);
    let said = run(&exporting_host(), &[plugin], Some(&preloaded));
    assert!(said.ends_with("C: 4711\nC: 4711\n"), "{said}");
}

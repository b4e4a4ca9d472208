/* Opens a library, and only then checks whether it is a plugin. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : 0;
    if (!library) return 2;
    puts("dlopen has returned");
    puts(dlsym(library, "plugin_register") ? "it is a plugin" : "it is no plugin");
    return 0;
}

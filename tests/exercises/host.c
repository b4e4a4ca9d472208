/* A host, built against the second version of the interface. */
#include <dlfcn.h>
#include <stdio.h>
#include "plugin-2.h"

int main(int argc, char **argv) {
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : 0;
    const Plugin *(*plugin_register)(void) = library ? (const Plugin *(*)(void))dlsym(library, "plugin_register") : 0;
    if (!plugin_register) return 2;
    printf("%s, written by %s\n", plugin_register()->name(), plugin_register()->author());
    return 0;
}

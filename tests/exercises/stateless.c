/* Gets the state of a plugin from its library, and frees the state in the end. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : 0;
    void *(*state)(void) = library ? (void *(*)(void))dlsym(library, "bare_state") : 0;
    if (!state) return 2;
    free(state());
    puts("freed");
    return 0;
}

/* Opens a library on Windows, and only then checks whether it is a plugin. */
#include <stdio.h>
#include <windows.h>

int main(int argc, char **argv) {
    HMODULE library = argc == 2 ? LoadLibraryA(argv[1]) : 0;
    if (!library) return 2;
    puts("LoadLibrary has returned");
    puts(GetProcAddress(library, "plugin_register") ? "it is a plugin" : "it is no plugin");
    return 0;
}

/* Opens a host that is a library, has it load a plugin on a thread, and closes it again.
   main FOLDER HOST COMMAND FUNCTION PLUGIN: the host is opened in the folder; the command runs when it is open.
   The environment variable HOST_NAME replaces the name that the system's loader stores for the host. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int (*run)(const char *);

static void *on_a_thread(void *plugin) { return (void *)(long)run(plugin); }

int main(int argc, char **argv) {
    int input[2];
    pthread_t thread;
    void *failed;
    Dl_info info;
    struct link_map *map;
    if (argc != 6 || chdir(argv[1]) || pipe(input) || dup2(input[0], 0) < 0) return 2;
    setvbuf(stdout, 0, _IONBF, 0);
    void *host = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
    run = host ? (int (*)(const char *))dlsym(host, argv[4]) : 0;
    if (!run) { printf("%s\n", dlerror()); return 2; }
    if (getenv("HOST_NAME") && !dlinfo(host, RTLD_DI_LINKMAP, &map)) map->l_name = strdup(getenv("HOST_NAME"));
    if (system(argv[3]) || chdir("/")) return 2;
    /* On a thread of its own: std's thread-local state would keep the library mapped, and it ends with the thread. */
    if (pthread_create(&thread, 0, on_a_thread, argv[5]) || pthread_join(thread, &failed)) return 2;
    if (failed) return 1;
    /* The second call closes it once too often, a common mistake. */
    dlclose(host);
    if (dladdr((void *)run, &info)) dlclose(host);
    printf("the host is %s\n", dladdr((void *)run, &info) ? "mapped" : "not mapped");
    /* The plugin's thread continues now, and ends the process. */
    close(input[1]);
    if (argv[4][5] != 'l') return 0;
    alarm(60);
    for (;;) pause();
}

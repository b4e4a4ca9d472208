/* The second one: a function came in between. */
typedef struct {
    const char *(*name)(void);
    const char *(*author)(void);
    const char *(*version)(void);
} Plugin;

/* The second version, with a new function in the middle. */
typedef struct {
    const char *(*name)(void);
    const char *(*author)(void);
    const char *(*version)(void);
} Plugin;

/* A program whose lines the test asks for; it never runs. */
int sink;

static inline __attribute__((always_inline)) void inlined(void)
{
    __asm__ volatile("inlined_site: nop"); /* line 6 */
}

__attribute__((noinline)) void crashes(void)
{
    sink = 3; /* line 11 */
    inlined();
    __asm__ volatile("crash_site: nop");
}

__attribute__((noinline)) void calls(void)
{
    crashes(); /* line 18 */
    __asm__ volatile("call_end: nop");
    sink = 4; /* line 20 */
}

int main(void)
{
    calls();
    return sink;
}

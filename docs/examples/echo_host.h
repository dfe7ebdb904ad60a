/* The host process: serves one guest until it has left; its exit status. */
#ifndef ECHO_HOST_H
#define ECHO_HOST_H

int echo_host(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3: cannot be run as a program; mapping it as a library is another thing */
#endif

int clinux_memory_file(const char *name)
{
    int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (file < 0 && errno == EINVAL) file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return file;
}

int clinux_seal(int memory_file)
{
    return fcntl(memory_file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

bool clinux_has_access_list(int file)
{
    return fgetxattr(file, "system.posix_acl_access", NULL, 0) > 0;
}

int clinux_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC);
}

void clinux_die_with_parent(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

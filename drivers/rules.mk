# SPDX-License-Identifier: BSD-2-Clause
# lwIP, the TCP/IP stack, from Debian 13's source package. Its folders go to
# generated/lwip; what drivers/ip uses of it becomes a library of the image. An
# image that calls nothing of drivers/ip has nothing of it.

LWIP_PACKAGE := lwip/trixie
LWIP_VERSION := 2.2.1
LWIP_SHA256  := 83729c274c499d3348e9fbbe043a3113f3fa8953e7efddc7c21c7fcbb1f2b7b1
LWIP         := $(BUILD)/generated/lwip
LWIP_FILES   := $(addprefix core/,altcp.c altcp_alloc.c altcp_tcp.c def.c \
    dns.c inet_chksum.c init.c ip.c mem.c memp.c netif.c pbuf.c raw.c stats.c \
    tcp.c tcp_in.c tcp_out.c timeouts.c udp.c) \
    $(addprefix core/ipv4/,acd.c autoip.c dhcp.c etharp.c icmp.c igmp.c ip4.c \
    ip4_addr.c ip4_frag.c) \
    $(addprefix core/ipv6/,dhcp6.c ethip6.c icmp6.c inet6.c ip6.c ip6_addr.c \
    ip6_frag.c mld6.c nd6.c) \
    netif/ethernet.c apps/sntp/sntp.c \
    $(addprefix apps/mdns/,mdns.c mdns_domain.c mdns_out.c)
# What drivers/ip and an application that uses lwIP's raw interface see of it.
LWIP_CFLAGS  := -Idrivers/ip/port -isystem $(LWIP)/src/include
LWIP_PORT    := $(wildcard drivers/ip/port/*.h drivers/ip/port/arch/*.h)

$(BUILD)/lwip.stamp: tools/source drivers/rules.mk \
    $(BUILD)/deps-build.stamp
	@tools/source '$(CACHE)' $(LWIP_PACKAGE) $(LWIP_SHA256) src/=$(LWIP)/src \
	    test/=$(LWIP)/test contrib/addons/=$(LWIP)/addons
	@touch $@
$(LWIP_FILES:%=$(LWIP)/src/%): $(BUILD)/lwip.stamp ;

# Somebody else's code: compiled as it is, without warnings.
$(BUILD)/guest/lwip/%.o: $(LWIP)/src/% $(BUILD)/guest/flags $(LWIP_PORT) \
    $(BUILD)/newlib.stamp drivers/rules.mk
	@mkdir -p $(@D)
	@echo '  CC      lwip/$*' >&2
	@$(CC_GUEST) $(GUEST_CFLAGS) -w $(LWIP_CFLAGS) -c $< -o $@

# In each image: the linker leaves out what nobody calls.
LWIP_OBJECTS  := $(LWIP_FILES:%=$(BUILD)/guest/lwip/%.o)
IMAGE_OBJECTS += $(LWIP_OBJECTS)
GUEST_CFLAGS_drivers += $(LWIP_CFLAGS)
GUEST_CFLAGS_app     += $(LWIP_CFLAGS)
$(patsubst %,$(BUILD)/guest/%.o,$(wildcard drivers/ip/*.c)): $(BUILD)/lwip.stamp

# llhttp, the parser of drivers/http, from Debian's package node-llhttp: C that
# its authors' generator has made. In strict mode, which is for servers.
LLHTTP         := /usr/share/llhttp
LLHTTP_FILES   := llhttp.c api.c http.c
LLHTTP_CFLAGS  := -isystem /usr/share/include/llhttp -DLLHTTP_STRICT_MODE=1
LLHTTP_OBJECTS := $(LLHTTP_FILES:%=$(BUILD)/guest/llhttp/%.o)

$(LLHTTP_FILES:%=$(LLHTTP)/%): $(BUILD)/deps-build.stamp ;
$(BUILD)/guest/llhttp/%.o: $(LLHTTP)/% $(BUILD)/guest/flags \
    $(BUILD)/newlib.stamp drivers/rules.mk
	@mkdir -p $(@D)
	@echo '  CC      llhttp/$*' >&2
	@$(CC_GUEST) $(GUEST_CFLAGS) -w $(LLHTTP_CFLAGS) -c $< -o $@

IMAGE_OBJECTS += $(LLHTTP_OBJECTS)
GUEST_CFLAGS_drivers += $(LLHTTP_CFLAGS)

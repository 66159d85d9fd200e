# Fairway as a user without privileges. Clusters of the provider "local" are then control planes without nodes; with nodes they need root
# and a privileged container (docs/security.md).
#
# The base image by name alone is whatever the registry has today. Pin it: look its digest up with
#   docker buildx imagetools inspect node:24-bookworm-slim
# and build with --build-arg BASE=node:24-bookworm-slim@sha256:…
ARG BASE=node:24-bookworm-slim
FROM ${BASE}

RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    ca-certificates git redis-server bubblewrap \
    containerd runc containernetworking-plugins iptables conntrack iproute2 util-linux ebtables socat \
  && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The web pages; what builds them is not needed afterwards.
RUN npx vite build --config src/ui/vite.config.ts && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

# The user "node" of the base image, by number: so it can be seen that it isn't root. Besides the state folder nothing is written but /tmp.
RUN install --directory --owner=1000 --group=1000 --mode=0700 /var/lib/fairway
ENV FAIRWAY_STATE=/var/lib/fairway FAIRWAY_LISTEN=0.0.0.0:8420 XDG_CACHE_HOME=/var/lib/fairway/cache
USER 1000:1000
VOLUME /var/lib/fairway
EXPOSE 8420
ENTRYPOINT ["node", "bin/fairway.js"]
CMD ["up"]

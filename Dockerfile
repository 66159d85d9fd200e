# Fairway with all that clusters of the provider "local" need; those get nodes only in a privileged container.
FROM node:24-bookworm-slim

RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    ca-certificates git redis-server \
    containerd runc containernetworking-plugins iptables conntrack iproute2 util-linux ebtables socat \
  && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The web pages; what builds them is not needed afterwards.
RUN npx vite build --config src/ui/vite.config.ts && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

ENV FAIRWAY_STATE=/var/lib/fairway FAIRWAY_LISTEN=0.0.0.0:8420
VOLUME /var/lib/fairway
EXPOSE 8420
ENTRYPOINT ["node", "bin/fairway.js"]
CMD ["up"]

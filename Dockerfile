# The image of controller and agent, for both architectures:
#   docker buildx build --platform linux/amd64,linux/arm64 --tag REGISTRY/ordeal:VERSION --push .
# Without docker, `npm run image -- FILE` writes the same files as an OCI archive, for the architecture that it runs on.
ARG NODE=node:22-bookworm-slim
FROM ${NODE} AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build && npm run image -- --rootfs /rootfs

FROM scratch
COPY --from=build /rootfs /
ENV PATH=/usr/local/bin:/usr/bin:/bin
WORKDIR /

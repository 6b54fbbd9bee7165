# One file, two images: docker build --target aggregator|worker.
# The build runs on the builder's own platform; the result is for the target's (TorchSharp: linux/amd64 only).

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS source
ARG TARGETARCH
WORKDIR /source
# Only what a restore reads, so that a change in the code does not restore anew.
COPY global.json Directory.*.props ./
COPY src/Contracts/Contracts.csproj src/Contracts/

# The package cache is locked because NuGet's own lock does not reach across containers.
FROM source AS build-aggregator
COPY src/Aggregator/Aggregator.csproj src/Aggregator/
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages,sharing=locked \
    dotnet restore src/Aggregator -a $TARGETARCH
COPY . .
# Restores once more, which is quick, because the package cache may have been pruned since the layer above was made.
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages,sharing=locked \
    dotnet publish src/Aggregator -c Release -a $TARGETARCH --self-contained false -p:RunAnalyzers=false -o /app

FROM source AS build-worker
COPY src/Worker/Worker.csproj src/Worker/Libtorch.props src/Worker/
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages,sharing=locked \
    dotnet restore src/Worker -a $TARGETARCH
COPY . .
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages,sharing=locked \
    dotnet publish src/Worker -c Release -a $TARGETARCH --self-contained false -p:RunAnalyzers=false -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS aggregator
# A named volume takes over the owner of the folder it is mounted on.
RUN install -d -o $APP_UID -g $APP_UID /var/lib/fedqueue
WORKDIR /app
COPY --from=build-aggregator /app .
USER $APP_UID
ENV FedQueue__Storage__Database=/var/lib/fedqueue/fedqueue.db
# Each of the C library's arenas keeps what a thread of the pool freed: pages of SQLite, megabytes of them.
ENV MALLOC_ARENA_MAX=2
VOLUME /var/lib/fedqueue
EXPOSE 8080
# The image has no curl; bash can open a connection by itself.
HEALTHCHECK --start-period=60s --start-interval=1s --interval=10s --timeout=5s --retries=3 CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]
ENTRYPOINT ["dotnet", "FedQueue.Aggregator.dll"]

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS worker
WORKDIR /app
COPY --from=build-worker /app .
USER $APP_UID
# A worker that works has a connection to its broker: state 01 in the kernel's tables.
HEALTHCHECK --start-period=60s --start-interval=2s --interval=30s --timeout=5s --retries=3 CMD ["bash", "-c", \
    "while read -r _ _ _ state _; do [[ $state == 01 ]] && exit 0; done < <(cat /proc/net/tcp /proc/net/tcp6); exit 1"]
ENTRYPOINT ["dotnet", "FedQueue.Worker.dll"]

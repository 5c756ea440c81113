FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
# The contract and the build files belong to every project, so they come first.
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig openapi.yaml ./
COPY contracts contracts
COPY api api
RUN dotnet publish api/AnkerOrte.Api.csproj --configuration Release --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
COPY LICENSE NOTICE ./
ENV ASPNETCORE_HTTP_PORTS=8080 \
    ConnectionStrings__AnkerOrte="Data Source=/data/ankerorte.db"
RUN mkdir /data && chown $APP_UID:$APP_UID /data
USER $APP_UID
VOLUME /data
EXPOSE 8080
# The image has no curl; bash can speak enough HTTP for this.
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s CMD \
    ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["dotnet", "AnkerOrte.Api.dll"]

#!/usr/bin/env bash
# Writes anew what Entity Framework generates of the SQLite model. To be run after a row or a migration has changed; tests say so when it was not.
set -euo pipefail
cd "$(dirname "$0")/../src/Aggregator"
dotnet tool restore

# What is there may not compile any more with the rows as they are now.
rm -rf Storage/CompiledModel
dotnet ef dbcontext optimize --nativeaot --context SqliteDbContext --output-dir Storage/CompiledModel --namespace FedQueue.Aggregator.Storage.CompiledModel

# The rows are internal, so nothing public may speak of them.
sed -i.public 's/public static class /internal static class /' Storage/CompiledModel/*UnsafeAccessors.cs
rm Storage/CompiledModel/*.public
dotnet ef migrations script --no-transactions --context SqliteDbContext --output Storage/Migrations/Sqlite/Schema.sql

using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FedQueue.Aggregator.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ModelParts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "PartLength",
                table: "Models",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "PartsLength",
                table: "Models",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "ModelParts",
                columns: table => new
                {
                    RunId = table.Column<string>(type: "TEXT", nullable: false),
                    Round = table.Column<int>(type: "INTEGER", nullable: false),
                    Part = table.Column<int>(type: "INTEGER", nullable: false),
                    Weights = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelParts", x => new { x.RunId, x.Round, x.Part });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ModelParts");

            migrationBuilder.DropColumn(
                name: "PartLength",
                table: "Models");

            migrationBuilder.DropColumn(
                name: "PartsLength",
                table: "Models");
        }
    }
}

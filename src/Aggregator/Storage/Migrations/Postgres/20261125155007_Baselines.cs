using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FedQueue.Aggregator.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Baselines : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Baselines",
                columns: table => new
                {
                    RunId = table.Column<string>(type: "text", nullable: false),
                    Participant = table.Column<string>(type: "text", nullable: false),
                    HeldOutWindows = table.Column<int>(type: "integer", nullable: false),
                    RepeatLastMse = table.Column<double>(type: "double precision", nullable: true),
                    RepeatLastMae = table.Column<double>(type: "double precision", nullable: true),
                    MeanMse = table.Column<double>(type: "double precision", nullable: true),
                    MeanMae = table.Column<double>(type: "double precision", nullable: true),
                    LocalMse = table.Column<double>(type: "double precision", nullable: true),
                    LocalMae = table.Column<double>(type: "double precision", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Baselines", x => new { x.RunId, x.Participant });
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Baselines");
        }
    }
}
